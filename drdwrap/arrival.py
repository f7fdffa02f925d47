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
from drdwrap.trees import Trees
from drdwrap.trim.candidate import Candidate
from drdwrap.volumes.pair import absolute, ancestors


class Arrival(Enum):
    COPIED = "copied"
    CHANGING = "changed on the booted system while it was copied"
    """No error: the next run takes it."""
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
    failed: Mapping[bytes, bytes],
    cut_off: bool,
    swapped: frozenset[bytes],
) -> dict[bytes, Arrived]:
    """What became of each path.

    `failed` are rsync's messages by path; `swapped` are directories of the booted tree that were
    not the same ones all the time.
    """
    return {
        path: _inspect_one(candidate, trees, failed.get(path), cut_off, swapped)
        for path, candidate in copies.items()
    }


def _inspect_one(
    candidate: Candidate,
    trees: Trees,
    message: bytes | None,
    cut_off: bool,
    swapped: frozenset[bytes],
) -> Arrived:
    path, planned = candidate.path, candidate.booted
    assert planned is not None
    try:
        clone = look_at(trees.clone.root, path)
        if swapped and not swapped.isdisjoint(ancestors(path)):
            return Arrived(Arrival.SWAPPED, clone)
        booted = look_at(trees.booted.root, path)
        steady = booted is not None and (
            booted == planned
            or (booted.is_directory and booted.visible == planned.visible)
            or (booted.visible == planned.visible and booted.inode == planned.inode)
        )
        arrived = clone is not None and clone.visible == planned.visible
        if arrived and (not steady or (message is None and _same_attributes(path, trees))):
            return Arrived(Arrival.COPIED, clone)
        if not steady:
            return Arrived(Arrival.CHANGING, clone)
    except OSError as error:
        return Arrived(Arrival.FAILED, None, os.strerror(error.errno or 0))
    if message is None and cut_off:
        return Arrived(Arrival.NOT_REACHED, clone)
    return Arrived(Arrival.FAILED, clone, _plain(message))


def _same_attributes(path: bytes, trees: Trees) -> bool:
    booted, clone = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
    return attributes(booted) == attributes(clone)


def _plain(message: bytes | None) -> str:
    if message is None:
        return "it did not arrive as it is on the booted system"
    return message.rpartition(b'": ')[2].decode("utf-8", "replace") or "rsync failed"


def swapped_directories(
    seen: Mapping[bytes, Entry], trees: Trees, paths: Iterable[bytes]
) -> frozenset[bytes]:
    """Those directories above `paths` that are now another one, or a link, on the booted system.

    `seen` is what the scan saw. One that is gone altogether was not swapped: what was below it is
    gone as well, and a matter of the next run.
    """
    directories = {directory for path in paths for directory in ancestors(path)}
    swapped = set()
    for directory in directories:
        try:
            now = look_at(trees.booted.root, directory)
        except OSError:
            now = None
        before = seen.get(directory)
        if now and before and not (now.is_directory and now.inode == before.inode):
            swapped.add(directory)
    return frozenset(swapped)
