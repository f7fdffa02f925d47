"""After the copy: what has become of each path that was to be copied, by looking at both sides.

rsync's exit status speaks of a whole run, and it calls some things errors that are none. So each
path is looked at: the record takes only what is seen to be right.
"""

import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry, look_at, nanoseconds
from drdwrap.inventory.hidden import attributes, same_contents
from drdwrap.pair.private_trees import Trees
from drdwrap.pair.probe import kept_time
from drdwrap.paths.arithmetic import absolute, ancestors, parent
from drdwrap.paths.escaping import for_screen
from drdwrap.record.intent import Put, is_work_of
from drdwrap.rsync.run import Copied

_OF_ATTRIBUTE = re.compile(rb'","([^"]+)"[^"]*\) failed: (.*)')
"""rsync's `rsync_xal_set: fsetxattr("PATH","NAME") failed: REASON`."""
_OF_CALL = re.compile(rb'(\w+) "[^"]*" failed: (.*)')
"""`chown "PATH" failed: REASON`, `mkdir`, `mkstemp`, `mknod`, `set_acl`..."""


class Arrival(Enum):
    COPIED = "copied"
    CHANGING = "changed on the booted system while it was copied"
    """No error: the next run takes it."""
    OVERTAKEN = "changed on the clone while the run was going: the clone's change stays"
    NOT_REACHED = "not reached before the run ended"
    FAILED = "could not be copied"
    SWAPPED = "read through a directory that was swapped meanwhile"


@dataclass(frozen=True, slots=True)
class Arrived:
    """One path after the copy. `clone` is what the clone has now; `message` says why it failed."""

    arrival: Arrival
    clone: Entry | None
    message: str = ""


@dataclass(frozen=True)
class Swaps:
    """Directories of the booted system that are not what they were before the copy: `swapped` are
    none any more but a link, say; `unsteady` are other ones, or were moved: maybe swapped, and
    back."""

    swapped: frozenset[bytes]
    unsteady: frozenset[bytes]

    def above(self, path: bytes) -> bool:
        """Whether a swapped directory is above `path`."""
        return not self.swapped.isdisjoint(ancestors(path))

    def maybe_above(self, path: bytes) -> bool:
        """The same for an unsteady one."""
        return not self.unsteady.isdisjoint(ancestors(path))


def plainly_arrived(
    candidate: Candidate, trees: Trees, copied: Copied, made: Entry | None
) -> Entry | None:
    """What was put on the clone, if the booted path is as it was planned, the clone like it, and no
    message says otherwise; None calls for a closer look (see `inspect`).

    `made` is what the clone had right after rsync was there."""
    path, planned = candidate.path, candidate.booted
    assert planned is not None
    if copied.message_about(path) is not None:
        return None
    try:
        clone, booted = look_at(trees.clone.root, path), look_at(trees.booted.root, path)
        if clone is None or not (_right(clone, candidate, copied) and _steady(booted, planned)):
            return None
        return _as_made(clone, made) if _same_attributes(path, trees) else None
    except OSError:
        return None


def is_still(now: Entry, made: Entry | None) -> bool:
    """Whether the clone's `now` is what rsync left there. The times of a directory, and the change
    time of a file with several names, move as the run goes on."""
    if made is None or now == made:
        return now == made
    return made.moves_along and now.visible == made.visible and now.inode == made.inode


def _as_made(clone: Entry, made: Entry | None) -> Entry:
    """What the record is to say of a path that looks right: how rsync left it, so that whatever was
    done to it since is looked at by the next run."""
    if made is None or made.moves_along or clone.moves_along or made.visible != clone.visible:
        return clone
    return made


def _right(clone: Entry, candidate: Candidate, copied: Copied) -> bool:
    """Whether the clone has to the eye what was planned, by this run's doing."""
    assert candidate.booted is not None
    # Alike all along, but for the contents: only the change time tells whether rsync got there.
    untouched = copied.cut_off and clone == candidate.clone
    return clone.visible == candidate.booted.visible and not untouched


def inspect(
    candidate: Candidate,
    trees: Trees,
    copied: Copied,
    swaps: Swaps,
    made: Entry | None,
    *,
    left_behind: bool,
) -> Arrived:
    """What became of a path that has not plainly arrived; `made` as above.

    `left_behind`: the clone's file has but fewer names, since those were copied.
    """
    path, planned = candidate.path, candidate.booted
    assert planned is not None
    message = copied.message_about(path)
    try:
        clone = look_at(trees.clone.root, path)
        if swaps.above(path):
            ours = clone is None or clone == candidate.clone or is_still(clone, made)
            return Arrived(Arrival.SWAPPED if ours else Arrival.OVERTAKEN, clone)
        booted = look_at(trees.booted.root, path)
        steady = _steady(booted, planned)
        right = clone is not None and _right(clone, candidate, copied)
        if right and (not steady or (message is None and _same_attributes(path, trees))):
            assert clone is not None
            return Arrived(Arrival.COPIED, _as_made(clone, made))
    except OSError as error:
        return Arrived(Arrival.FAILED, None, os.strerror(error.errno or 0))
    vanished = message is not None and b"No such file or directory" in message
    moved = swaps.maybe_above(path) or (booted is not None and _moved(booted, planned))
    changing = not steady or vanished or moved
    touched = clone is not None and clone != candidate.clone and not (right or left_behind)
    if (
        clone
        and touched
        and not (
            is_still(clone, made) and _may_be_its_work(candidate, clone, booted, trees, changing)
        )
    ):
        why = "" if changing or message is None else _plain(message)
        return Arrived(Arrival.OVERTAKEN, clone, why)
    if changing:
        return Arrived(Arrival.CHANGING, clone)
    if message is None and copied.cut_off:
        return Arrived(Arrival.NOT_REACHED, clone)
    if clone is not None and _cannot_keep_time(clone, planned, trees):
        return Arrived(Arrival.FAILED, clone, "the clone's file system cannot keep its time")
    if message is None and not copied.unexplained and clone != candidate.clone:
        # Set there meanwhile, or not kept by the clone: that is not left without a word.
        odd = "its ACL or attributes are not those of the booted system" if right else ""
        return Arrived(Arrival.OVERTAKEN, clone, odd)
    return Arrived(Arrival.FAILED, clone, _plain(message))


def _may_be_its_work(
    candidate: Candidate, clone: Entry, booted: Entry | None, trees: Trees, changing: bool
) -> bool:
    """Whether what the clone has now, and had not before, may have been made by this run.

    A file that was copied has the booted one's time before it has its name. One that changes on the
    booted system meanwhile may have been any between: but it was made anew, under another inode.
    """
    planned, before = candidate.booted, candidate.clone
    assert planned is not None
    root, path = trees.clone.root, candidate.path
    if any(is_work_of(put, clone, before, root) for put in _puts(trees, planned, booted)):
        return True
    if not clone.is_file:
        return changing
    if before is not None and before.inode == clone.inode:
        return False
    if changing:
        return True
    try:  # without its time: not all could be done to it, which a message tells
        return same_contents(absolute(trees.booted.root, path), absolute(root, path))
    except OSError:
        return False


def _puts(trees: Trees, planned: Entry, booted: Entry | None) -> list[Put]:
    """What the run may have put: the path as it was, or as it is."""
    target = b""
    if booted is not None and booted.type == b"l":
        with suppress(OSError):
            target = os.readlink(absolute(trees.booted.root, booted.path))
    return [Put(entry, target) for entry in (planned, booted) if entry is not None]


def _steady(now: Entry | None, planned: Entry) -> bool:
    """Whether the booted path still is what the scan saw; a new link to it is no change."""
    return now is not None and now.visible == planned.visible and now.inode == planned.inode


def _cannot_keep_time(clone: Entry, planned: Entry, trees: Trees) -> bool:
    """Whether the clone has all but the modification time, since its file system has no such."""
    alike = clone.visible[:-1] == planned.visible[:-1] and clone.mtime != planned.mtime
    if clone.is_directory or not alike:
        return False
    directory = absolute(trees.clone.root, parent(clone.path))
    return kept_time(directory, nanoseconds(planned.mtime)) == nanoseconds(clone.mtime)


def _moved(now: Entry, before: Entry) -> bool:
    """Whether it may have been elsewhere meanwhile: a new entry would have moved both times."""
    times_of_new_entry = now.is_directory and now.mtime != before.mtime
    return now.ctime != before.ctime and not times_of_new_entry


def _same_attributes(path: bytes, trees: Trees) -> bool:
    booted, clone = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
    return attributes(booted) == attributes(clone)


def _plain(message: bytes | None) -> str:
    if message is None:
        return "it did not arrive as it is on the booted system"
    if attribute := _OF_ATTRIBUTE.search(message):
        return for_screen(b"%s: %s" % attribute.groups())
    if call := _OF_CALL.search(message):
        return for_screen(b"%s failed: %s" % call.groups())
    return for_screen(message.rpartition(b'"')[2].strip(b" :")) or "rsync failed"


def swapped_directories(
    directories: Iterable[bytes], before: Mapping[bytes, Entry], trees: Trees
) -> Swaps:
    """Which of these directories of the booted system have been swapped since the scan, which has
    seen them as `before`.

    One that is gone altogether was not swapped: what was below it is gone as well, and a matter of
    the next run.
    """
    swapped, unsteady = set(), set()
    for directory in directories:
        try:
            now = look_at(trees.booted.root, directory)
        except OSError:
            now = None
        then = before.get(directory)
        if now and not now.is_directory:
            swapped.add(directory)
        elif (now and not (then and then.is_directory and now.inode == then.inode)) or (
            now and then and _moved(now, then)
        ):
            unsteady.add(directory)
    return Swaps(frozenset(swapped), frozenset(unsteady))
