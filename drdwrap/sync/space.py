"""What a copy needs on the clone, in bytes and inodes, and what of it fits."""

import os
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from drdwrap.changes.candidate import Candidate
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

_KEPT_BY_EXT4 = 4096
"""The most clusters that ext4 keeps for its own use, which nobody gets (`reserved_clusters` below
/sys/fs/ext4): a fiftieth of all, at most that many. Other file systems need some as well."""

PLENTY = 1 << 62
"""Inodes, where their number is not fixed."""


def is_tight(plan: Plan, trees: Trees, pair: Pair) -> bool:
    """Whether one of the clone's file systems may lack the room for what is to be copied beside
    what is there. Where there is plenty, no file is looked at."""
    here = [c.booted for c in plan.copies.values() if c.booted is not None]
    most = sum((entry.size if entry.is_file else 0) + _MOST_AROUND for entry in here)
    needed = Amount(most, len(plan.copies))
    return not all(needed.fits(free(absolute(trees.clone.root, v))) for v in pair.volumes)


def freed_by(deletions: Iterable[Candidate], trees: Trees, pair: Pair) -> dict[bytes, Amount]:
    """What each file system of the clone gets back when these are removed."""
    found: dict[bytes, Amount] = {}
    names: Counter[tuple[bytes, bytes]] = Counter()
    for one in deletions:
        volume, clone = pair.volume_of(one.path), one.clone
        if clone is not None and clone.moves_along and not clone.is_directory:
            names[volume, clone.inode] += 1
            if names[volume, clone.inode] < clone.links:
                continue  # another name keeps it so far
        found[volume] = found.get(volume, Amount()) + _taken(one, trees)
    return found


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
    there = {volume: free(absolute(trees.clone.root, volume)) for volume in pair.volumes}
    for volume, amount in (freed or {}).items():
        there[volume] += amount
    pieces = _Pieces(copies, trees, pair)
    return what_fits([[pieces.of(path) for path in group] for group in groups], there)


def reasons(
    left_out: Mapping[bytes, Shortage], copies: Mapping[bytes, Candidate]
) -> dict[bytes, str]:
    """Why each path is left out, and what helps, in a sentence. To erase the clone's copy helps
    where it makes enough room by itself: that is said of one file of each file system."""
    found: dict[bytes, str] = {}
    offered: dict[bytes, Shortage] = {}
    for path in sorted(left_out, key=lambda path: (left_out[path].needs.size, path)):
        shortage = left_out[path]
        helps = shortage.fits_without_old and copies[path].clone is not None
        if helps:
            helps = offered.setdefault(shortage.volume, shortage) is shortage
        found[path] = _because(shortage, erasing_helps=helps)
    return found


def _because(shortage: Shortage, *, erasing_helps: bool) -> str:
    remedy = (
        "erase the clone's copy, and the next sync copies the booted one"
        if erasing_helps
        else "make room on the clone, or exclude it"
    )
    lacks = lacking(shortage.volume, shortage.needs, shortage.free)
    return f"there is no room for it: {lacks}; {remedy}"


def lacking(volume: bytes, needs: Amount, there: Amount) -> str:
    """What is missing on this file system of the clone, in a sentence."""
    name, found = "/" + for_screen(volume), []
    if needs.size > there.size:
        found.append(f"{_in_words(there.size)} free, and up to {_in_words(needs.size)} are needed")
    if needs.inodes > there.inodes:
        found.append(f"{there.inodes} free inodes, and up to {needs.inodes} are needed")
    return f"the clone's {name} has {'; '.join(found)}"


def _in_words(size: int) -> str:
    return f"{size / 1e6:.1f} MB" if size >= 1e6 else f"{size / 1e3:.0f} kB"


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
        clone, given_back = self._copies[path].clone, Amount()
        if clone is not None and not clone.is_directory and clone.links == 1:
            given_back = _taken(self._copies[path], self._trees)
        return Piece(path, volume, needs + Amount(size, 1), given_back)

    def _staging_directories(self, path: bytes) -> int:
        """How many directories it is the first to need in the staging directory."""
        before = len(self._directories)
        for directory in climb(path):
            if directory in self._directories:
                break
            self._directories.add(directory)
        return len(self._directories) - before


def _taken(candidate: Candidate, trees: Trees) -> Amount:
    """What the clone's file takes."""
    if candidate.clone is None:
        return Amount()
    return Amount(allocated(absolute(trees.clone.root, candidate.path)), 1)


def free(path: bytes) -> Amount:
    """What is free on the file system of `path`."""
    status = os.statvfs(path)
    blocks = status.f_bavail
    if os.geteuid() == 0:  # what is reserved for root counts, except what ext4 keeps for itself
        kept = min(status.f_blocks // 50, _KEPT_BY_EXT4)
        blocks = max(blocks, status.f_bfree - kept)
    # A file system without a fixed number of inodes (btrfs) says 0 of 0.
    inodes = status.f_ffree if status.f_files else PLENTY
    return Amount(blocks * status.f_frsize, inodes)


def allocated(path: bytes) -> int:
    """The bytes that the file takes on its disk; 0 if it is gone. A sparse file takes less than its
    size."""
    try:
        return os.lstat(path).st_blocks * 512
    except OSError:
        return 0
