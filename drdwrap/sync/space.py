"""Is there room on the clone, in bytes and inodes, for what is to be copied?"""

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from drdwrap.changes.candidate import Candidate
from drdwrap.checks import Check
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute, climb
from drdwrap.paths.escaping import for_screen
from drdwrap.plan import Plan
from drdwrap.sync.what_fits import Amount, Fit, Piece, Shortage, what_fits

_MOST_AROUND = 64 << 10
"""Bytes that a file or directory may take beside its contents: the rest of its last block, its
extents and attributes, its part of a directory."""

_AROUND = 4 << 10
"""The same for most files: a block for its attributes, its name in a directory."""

_PLENTY = 1 << 62
"""Inodes, where their number is not fixed."""


@dataclass(frozen=True)
class Room:
    """One file system of the clone: bytes and inodes needed at most, given back, and free."""

    volume: bytes
    needed: int
    freed: int
    free: int
    inodes_needed: int
    inodes_freed: int
    inodes_free: int

    @property
    def enough(self) -> bool:
        """Without the deletions."""
        return self.needed <= self.free and self.inodes_needed <= self.inodes_free

    @property
    def enough_after_deletions(self) -> bool:
        return (
            self.needed <= self.free + self.freed
            and self.inodes_needed <= self.inodes_free + self.inodes_freed
        )


def tight_rooms(plan: Plan, trees: Trees, pair: Pair) -> list[Room]:
    """What each file system of the clone needs and has, if one of them may lack the room for what
    is to be copied beside what is there; else nothing."""
    here = [c.booted for c in plan.copies.values() if c.booted is not None]
    most = sum((entry.size if entry.is_file else 0) + _MOST_AROUND for entry in here)
    rooms = [
        _room(volume, most, 0, len(plan.copies), 0, absolute(trees.clone.root, volume))
        for volume in pair.volumes
    ]
    return [] if all(room.enough for room in rooms) else _rooms(plan, trees, pair)


def choose(
    groups: Sequence[Sequence[bytes]],
    copies: Mapping[bytes, Candidate],
    trees: Trees,
    pair: Pair,
    freed: Mapping[bytes, Amount] | None = None,
) -> Fit:
    """Which of these groups of `copies` to leave out, and in which batches to copy the rest, so
    that it fits into what is free now; see `what_fits`. `freed` is what deletions give back before.
    """
    free = {volume: _free(absolute(trees.clone.root, volume)) for volume in pair.volumes}
    for volume, amount in (freed or {}).items():
        free[volume] += amount
    pieces = _Pieces(copies, trees, pair)
    return what_fits([[pieces.of(path) for path in group] for group in groups], free)


def left_out_because(shortage: Shortage) -> str:
    """Why something is left out, and what helps, in a sentence."""
    name, needs, free = "/" + for_screen(shortage.volume), shortage.needs, shortage.free
    if needs.size > free.size:
        found = f"has {free.size / 1e6:.1f} MB free, and {needs.size / 1e6:.1f} MB are needed"
    else:
        found = f"has {free.inodes} free inodes, and {needs.inodes} are needed"
    remedy = (
        "erase the clone's copy, and the next sync copies the booted one"
        if shortage.fits_without_old
        else "make room on the clone, or exclude it"
    )
    return f"there is no room for it: the clone's {name} {found}; {remedy}"


class _Pieces:
    """What single paths need on the clone, each directory of the staging directory counted once."""

    def __init__(self, copies: Mapping[bytes, Candidate], trees: Trees, pair: Pair) -> None:
        self._copies = copies
        self._trees = trees
        self._pair = pair
        self._linked: set[tuple[bytes, bytes]] = set()
        self._directories: set[bytes] = set()

    def of(self, path: bytes) -> Piece:
        volume, booted = self._pair.volume_of(path), self._copies[path].booted
        staged = self._staging_directories(path)
        needs = Amount(staged * _AROUND, staged)
        if booted is None or (volume, booted.inode) in self._linked:
            return Piece(path, volume, needs)
        if booted.links > 1 and not booted.is_directory:
            self._linked.add((volume, booted.inode))
        size = allocated(absolute(self._trees.booted.root, path)) + _AROUND
        return Piece(path, volume, needs + Amount(size, 1), self._gives_back(path))

    def _gives_back(self, path: bytes) -> Amount:
        clone = self._copies[path].clone
        if clone is None or clone.is_directory or clone.links > 1:
            return Amount()
        return Amount(allocated(absolute(self._trees.clone.root, path)), 1)

    def _staging_directories(self, path: bytes) -> int:
        """How many directories it is the first to need in the staging directory."""
        before = len(self._directories)
        for directory in climb(path):
            if directory in self._directories:
                break
            self._directories.add(directory)
        return len(self._directories) - before


def on_clone(tight: Collection[Room]) -> Check:
    """Whether there is room on the clone once the deletions are done; see `tight_rooms`."""
    complaints = [complaint(room) for room in tight if not room.enough_after_deletions]
    return Check(
        "there is room on the clone",
        not complaints,
        "; ".join(complaints) or "enough free bytes and inodes",
        "make room on the clone",
    )


def _rooms(plan: Plan, trees: Trees, pair: Pair) -> list[Room]:
    """The room that is needed on the way: what one transfer copies lies beside what it replaces."""
    needed = dict.fromkeys(pair.volumes, 0)
    beside = dict.fromkeys(pair.volumes, 0)
    inodes = dict.fromkeys(pair.volumes, 0)
    inodes_beside = dict.fromkeys(pair.volumes, 0)
    for transfer in plan.transfers:
        volume, replaced, number = transfer.volume, 0, 0
        linked = set()
        for path in transfer.paths:
            candidate = plan.copies[path]
            booted = candidate.booted
            if booted is None or booted.inode in linked:
                continue
            if booted.links > 1 and not booted.is_directory:
                linked.add(booted.inode)
            size = allocated(absolute(trees.booted.root, path))
            before = allocated(absolute(trees.clone.root, path)) if candidate.clone else 0
            inodes[volume] += candidate.clone is None
            number += candidate.clone is not None
            needed[volume] += max(size - before, 0)
            replaced += min(size, before)
        beside[volume] = max(beside[volume], replaced)
        inodes_beside[volume] = max(inodes_beside[volume], number)
    freed = dict.fromkeys(pair.volumes, 0)
    inodes_freed = dict.fromkeys(pair.volumes, 0)
    for candidate in plan.deletions:
        volume = pair.volume_of(candidate.path)
        inodes_freed[volume] += 1
        freed[volume] += allocated(absolute(trees.clone.root, candidate.path))
    return [
        _room(
            volume,
            needed[volume] + beside[volume],
            freed[volume],
            inodes[volume] + inodes_beside[volume],
            inodes_freed[volume],
            absolute(trees.clone.root, volume),
        )
        for volume in pair.volumes
    ]


def _room(
    volume: bytes, needed: int, freed: int, inodes: int, inodes_freed: int, path: bytes
) -> Room:
    free = _free(path)
    return Room(volume, needed, freed, free.size, inodes, inodes_freed, free.inodes)


def _free(path: bytes) -> Amount:
    """What is free on the file system of `path`."""
    status = os.statvfs(path)
    blocks = status.f_bfree if os.geteuid() == 0 else status.f_bavail
    # A file system without a fixed number of inodes (btrfs) says 0 of 0.
    inodes = status.f_ffree if status.f_files else _PLENTY
    return Amount(blocks * status.f_frsize, inodes)


def allocated(path: bytes) -> int:
    """The bytes that the file takes on its disk; 0 if it is gone. A sparse file takes less than its
    size."""
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:
        return 0


def complaint(room: Room) -> str:
    """What is missing on this file system of the clone, in a sentence."""
    name = "/" + for_screen(room.volume)
    if room.needed > room.free:
        return (
            f"the clone's {name} has {room.free / 1e6:.1f} MB free, and up to"
            f" {room.needed / 1e6:.1f} MB are needed"
        )
    return f"the clone's {name} has {room.inodes_free} free inodes of {room.inodes_needed} needed"
