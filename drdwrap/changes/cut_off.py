"""What a run that was cut off has left on the clone: its own work, half done, and nobody's change.

The open intent says what that run was about to do (see `record.intent`). What the clone has now is
compared with it.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.changes.candidate import Change, change
from drdwrap.changes.difference import Difference
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.record.intent import Intent, Put


@dataclass(frozen=True)
class LeftByRun:
    """The clone's lines of paths that the run has moved to their place, or whose attributes it has
    begun to set (`put`), and of paths where it has moved nothing but times (`touched`)."""

    put: Mapping[bytes, bytes] = field(default_factory=dict)
    touched: Mapping[bytes, bytes] = field(default_factory=dict)


NOTHING = LeftByRun()
_SET_ID, _GROUP = 0o6000, 0o070


def left_by(intent: Intent | None, clone: Difference, trees: Trees) -> LeftByRun:
    """What the run with this open intent has left; `clone` is the clone against the record."""
    if intent is None:
        return NOTHING
    touched, put = {}, {}
    for path in intent.touched:
        line, then = clone.now.get(path), clone.then.get(path)
        if not line or not then:
            continue
        was_touched = change(Entry.parse(line), Entry.parse(then)) is Change.TOUCHED
        if was_touched and _attributes_fit(intent, path, trees):
            touched[path] = line
    for meant in intent.puts:
        path = meant.entry.path
        line, then = clone.now.get(path), clone.then.get(path)
        if not line or not then:
            continue
        is_ours = is_work_of(meant, Entry.parse(line), Entry.parse(then))
        if is_ours and _attributes_fit(intent, path, trees):
            put[path] = line
    for move in intent.moves:
        path = move.staged.path
        line = clone.now.get(path)
        if line and move.is_at(Entry.parse(line)):
            with suppress(OSError):
                if digests(absolute(trees.clone.root, path)) == move.attributes:
                    put[path] = line
    return LeftByRun(put, touched)


def _attributes_fit(intent: Intent, path: bytes, trees: Trees) -> bool:
    """Whether the clone's path has the attributes that the run found there, or was to give it."""
    allowed = intent.touched.get(path)
    if allowed is None:
        return False
    try:
        return allowed.fit(digests(absolute(trees.clone.root, path)))
    except OSError:
        return False


def is_work_of(put: Put, now: Entry, then: Entry) -> bool:
    """Whether the clone's entry `now` can be what a cut-off run has made of `then`, the recorded
    one, on the way to the attributes of `put`.

    Owner, mode and attributes change one after the other. Without a change of the inode, of size or
    of contents' time; a directory's own time follows what is put into it.
    """
    meant = put.entry
    if now.type != then.type or now.inode != then.inode or now.size != then.size:
        return False
    if not now.is_directory and now.mtime not in (then.mtime, meant.mtime):
        return False
    return _is_owner_between(now, then, meant) and _is_mode_between(now, then, meant)


def _is_owner_between(now: Entry, then: Entry, meant: Entry) -> bool:
    return now.uid in (then.uid, meant.uid) and now.gid in (then.gid, meant.gid)


def _is_mode_between(now: Entry, then: Entry, meant: Entry) -> bool:
    """The mode is as before or as meant; chown(2) takes set-id bits away, and with an ACL the
    group's rights come and go."""
    here, before, after = (int(entry.mode, 8) for entry in (now, then, meant))
    others = ~(_SET_ID | _GROUP)
    return not here & ~(before | after) and here & others in (before & others, after & others)
