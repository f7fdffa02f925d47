"""Which files to leave out where the clone has no room for all, so that the rest fits. Pure.

What is copied lies in a staging directory, beside what it replaces, until its transfer ends; only
then is the room of the old files free. So the files are taken in batches, small and important ones
first, and each batch has to fit into what is free before it. What belongs together (the names of
one file, a set that is kept together) is taken whole or not at all, and a new directory with the
first file that is to go into it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from drdwrap.paths.arithmetic import climb, is_below

_IMPORTANT = b"etc"
"""Accounts and configuration: taken before anything else. They are small, too."""


@dataclass(frozen=True, slots=True)
class Amount:
    """Bytes and inodes of one file system."""

    size: int = 0
    inodes: int = 0

    def __add__(self, other: "Amount") -> "Amount":
        return Amount(self.size + other.size, self.inodes + other.inodes)

    def __sub__(self, other: "Amount") -> "Amount":
        return Amount(self.size - other.size, self.inodes - other.inodes)

    def fits(self, free: "Amount") -> bool:
        return self.size <= free.size and self.inodes <= free.inodes


@dataclass(frozen=True, slots=True)
class Piece:
    """One path to be copied: what it needs on its volume, and what its old file gives back once it
    has been replaced. Of a file's names one has all of it, and the others have nothing."""

    path: bytes
    volume: bytes
    needs: Amount
    gives_back: Amount = field(default_factory=Amount)


@dataclass(frozen=True, slots=True)
class Shortage:
    """Why something is left out: it needs that much on this volume, where that much is free, and
    would be if the clone's old copy of it was erased."""

    volume: bytes
    needs: Amount
    free: Amount
    free_without_old: Amount

    @property
    def fits_without_old(self) -> bool:
        """Whether it helps to erase the clone's copy: the next sync copies the booted one."""
        return self.needs.fits(self.free_without_old)


@dataclass(frozen=True)
class Fit:
    """The paths of each batch, one after the other, and those that are left out."""

    batches: tuple[tuple[bytes, ...], ...]
    left_out: Mapping[bytes, Shortage]


def what_fits(groups: Sequence[Sequence[Piece]], free: Mapping[bytes, Amount]) -> Fit:
    """Choose among the groups, each of which is copied whole or not at all, so that at no moment
    more is needed than is `free` on each volume.

    A group is left out if it does not fit after all that come before it have been copied, or if it
    lies below a new directory that is left out.
    """
    choice = _Choice(groups, free)
    for number in sorted(range(len(groups)), key=lambda n: _rank(groups[n])):
        choice.take(number)
    choice.end_batch()
    return Fit(tuple(choice.batches), choice.left_out)


def _rank(group: Sequence[Piece]) -> tuple[bool, int, bytes]:
    important = any(is_below(piece.path, _IMPORTANT) for piece in group)
    return not important, sum(piece.needs.size for piece in group), group[0].path


class _Choice:
    """What has been taken so far."""

    def __init__(self, groups: Sequence[Sequence[Piece]], free: Mapping[bytes, Amount]) -> None:
        self._groups = groups
        self._group_of = {piece.path: n for n, group in enumerate(groups) for piece in group}
        self._taken: set[int] = set()
        self._free = dict(free)
        self._given_back: dict[bytes, Amount] = {}
        self._batch: list[bytes] = []
        self.batches: list[tuple[bytes, ...]] = []
        self.left_out: dict[bytes, Shortage] = {}

    def take(self, number: int) -> None:
        """Take a group, with the directories that it needs, or leave it out."""
        if number in self._taken:
            return
        wanted: list[int] = []
        shortage = self._shortage([number])
        if shortage is None:  # only what fits by itself asks for its directories: there can be many
            wanted, shortage = self._with_directories(number)
            shortage = shortage or self._shortage(wanted)
        if shortage is not None:
            self.left_out.update((piece.path, shortage) for piece in self._groups[number])
            return
        for one in wanted:
            self._add(one)

    def end_batch(self) -> None:
        """All of the batch is in its place now, and what it replaced is gone."""
        if self._batch:
            self.batches.append(tuple(self._batch))
            self._batch = []
        for volume, amount in self._given_back.items():
            self._free[volume] += amount
        self._given_back = {}

    def _shortage(self, numbers: Sequence[int]) -> Shortage | None:
        """What these groups lack. What does not fit beside the batch begins another one."""
        shortage = self._lacks(numbers)
        if shortage and self._batch:
            self.end_batch()
            shortage = self._lacks(numbers)
        return shortage

    def _lacks(self, numbers: Sequence[int]) -> Shortage | None:
        needs: dict[bytes, Amount] = {}
        back: dict[bytes, Amount] = {}
        for number in numbers:
            for piece in self._groups[number]:
                needs[piece.volume] = needs.get(piece.volume, Amount()) + piece.needs
                back[piece.volume] = back.get(piece.volume, Amount()) + piece.gives_back
        short = [v for v, amount in needs.items() if not amount.fits(self._free[v])]
        if not short:
            return None
        volume, free = short[0], self._free[short[0]]
        without_old = free + back[volume] if len(short) == 1 else free
        return Shortage(volume, needs[volume], free, without_old)

    def _with_directories(self, number: int) -> tuple[list[int], Shortage | None]:
        """The group after the new directories that it lies in, which have not been taken yet, with
        all that belongs to them; or what one of those lacks that was left out."""
        found, pending = {number: None}, [number]
        while pending:
            for piece in self._groups[pending.pop()]:
                for directory in climb(piece.path):
                    above = self._group_of.get(directory)
                    if above is None or above in self._taken or above in found:
                        break  # what is in `found` asks for its own directories
                    if directory in self.left_out:
                        return [], self.left_out[directory]
                    found[above] = None
                    pending.append(above)
        return [*reversed(found)], None

    def _add(self, number: int) -> None:
        self._taken.add(number)
        for piece in self._groups[number]:
            volume = piece.volume
            self._free[volume] -= piece.needs
            back = self._given_back.get(volume, Amount())
            self._given_back[volume] = back + piece.gives_back
            self._batch.append(piece.path)
