"""After the copy: what has become of each path that was to be copied, by looking at both sides.

rsync's exit status speaks of a whole run, and it calls some things errors that are none. So each
path is looked at: the record takes only what is seen to be right.
"""

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum

from drdwrap.inventory.entry import Entry, look_at
from drdwrap.inventory.look import attributes
from drdwrap.rsync.run import Copied
from drdwrap.trees import Trees
from drdwrap.trim.candidate import Candidate
from drdwrap.volumes.pair import absolute, ancestors


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


def inspect(
    copies: Mapping[bytes, Candidate],
    trees: Trees,
    copied: Copied,
    swapped: frozenset[bytes],
    unsteady: frozenset[bytes],
) -> dict[bytes, Arrived]:
    """What became of each path. `swapped` and `unsteady` are as `swapped_directories` has them."""
    return {
        path: _inspect_one(candidate, trees, copied, swapped, unsteady)
        for path, candidate in copies.items()
    }


def _inspect_one(
    candidate: Candidate,
    trees: Trees,
    copied: Copied,
    swapped: frozenset[bytes],
    unsteady: frozenset[bytes],
) -> Arrived:
    path, planned = candidate.path, candidate.booted
    assert planned is not None
    message = copied.message_about(path)
    try:
        clone = look_at(trees.clone.root, path)
        if swapped and not swapped.isdisjoint(ancestors(path)):
            return Arrived(Arrival.SWAPPED, clone)
        booted = look_at(trees.booted.root, path)
        steady = _steady(booted, planned)
        arrived = clone is not None and clone.visible == planned.visible
        # Alike all along, but for the contents: only the change time tells whether rsync got there.
        arrived = arrived and not (copied.cut_off and clone == candidate.clone)
        if arrived and (not steady or (message is None and _same_attributes(path, trees))):
            return Arrived(Arrival.COPIED, clone)
    except OSError as error:
        return Arrived(Arrival.FAILED, None, os.strerror(error.errno or 0))
    vanished = message is not None and b"No such file or directory" in message
    moved = not unsteady.isdisjoint(ancestors(path)) or (booted and _moved(booted, planned))
    if not steady or vanished or moved:
        return Arrived(Arrival.CHANGING, clone)
    if message is None and copied.cut_off:
        return Arrived(Arrival.NOT_REACHED, clone)
    if message is None and not copied.unexplained and clone != candidate.clone:
        return Arrived(Arrival.OVERTAKEN, clone)
    return Arrived(Arrival.FAILED, clone, _plain(message))


def _steady(now: Entry | None, planned: Entry) -> bool:
    """Whether the booted path still is what the scan saw; a new link to it is no change."""
    return now is not None and now.visible == planned.visible and now.inode == planned.inode


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
    return message.rpartition(b'"')[2].strip(b" :").decode("utf-8", "replace") or "rsync failed"


def swapped_directories(
    seen: Mapping[bytes, Entry], trees: Trees, paths: Iterable[bytes]
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Of the directories above `paths`: those that are none any more on the booted system, but a
    link, say; and those that are other ones, or have been moved: maybe swapped, and back.

    `seen` is what was there right before the copy. One that is gone altogether was not swapped:
    what was below it is gone as well, and a matter of the next run.
    """
    swapped, unsteady = set(), set()
    for directory in {directory for path in paths for directory in ancestors(path)}:
        try:
            now = look_at(trees.booted.root, directory)
        except OSError:
            now = None
        before = seen.get(directory)
        if now and not now.is_directory:
            swapped.add(directory)
        elif (now and not (before and before.is_directory and now.inode == before.inode)) or (
            now and before and _moved(now, before)
        ):
            unsteady.add(directory)
    return frozenset(swapped), frozenset(unsteady)
