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
from drdwrap.record.intent import Intent, is_work_of


@dataclass(frozen=True)
class LeftByRun:
    """The clone's lines of paths that the run has put there or begun to put (`put`), and of paths
    where it has moved nothing but times (`touched`)."""

    put: Mapping[bytes, bytes] = field(default_factory=dict)
    touched: Mapping[bytes, bytes] = field(default_factory=dict)


NOTHING = LeftByRun()


def left_by(intent: Intent | None, clone: Difference, trees: Trees) -> LeftByRun:
    """What the run with this open intent has left; `clone` is the clone against the record."""
    if intent is None:
        return NOTHING
    touched = {}
    for path, attributes in intent.touched.items():
        line, then = clone.now.get(path), clone.then.get(path)
        if line and then and change(Entry.parse(line), Entry.parse(then)) is Change.TOUCHED:
            with suppress(OSError):
                if attributes.fit(digests(absolute(trees.clone.root, path))):
                    touched[path] = line
    put = {}
    for meant in intent.puts:
        path = meant.entry.path
        line, then = clone.now.get(path), clone.then.get(path)
        if line is None:
            continue
        before = Entry.parse(then) if then is not None else None
        is_ours = is_work_of(meant, Entry.parse(line), before, trees.clone.root)
        if is_ours and not _has_others_attributes(meant.entry, intent, trees):
            put[path] = line
    return LeftByRun(put, touched)


def _has_others_attributes(meant: Entry, intent: Intent, trees: Trees) -> bool:
    """Whether a directory that the run found on the clone has attributes that it had neither then
    nor was to get."""
    allowed = intent.touched.get(meant.path)
    if allowed is None or not meant.is_directory:
        return False
    try:
        return not allowed.fit(digests(absolute(trees.clone.root, meant.path)))
    except OSError:
        return True
