"""Hard links: which names are one file, on either side.

Anyone can give a file 65,000 names. So what is about a file is worked out once for the file, and
not for each name: that would take the square of their number.
"""

from collections.abc import Callable, Collection, Iterable, Sequence

from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory
from drdwrap.inventory.storage import lines
from drdwrap.pair.pair import Pair

File = tuple[bytes, bytes]
"""What all names of one file share, and no others: volume and inode."""


class LinkGroups:
    """The hard-linked files of one side. Inode numbers are only unique within a volume."""

    def __init__(self, inventory: Inventory, pair: Pair) -> None:
        self._names: dict[File, list[bytes]] = {}
        self._files: dict[bytes, File] = {}
        for line in lines(inventory.linked):
            entry = Entry.parse(line)
            file = (pair.volume_of(entry.path), entry.inode)
            self._names.setdefault(file, []).append(entry.path)
            self._files[entry.path] = file

    def names(self, path: bytes) -> Collection[bytes]:
        """All names of the file that has this name, itself included."""
        file = self._files.get(path)
        return self._names[file] if file else (path,)

    def file(self, path: bytes) -> File:
        """The file that has this name. KeyError for a path that is the only name of its file."""
        return self._files[path]

    def files(self, paths: Iterable[bytes]) -> dict[File, bytes]:
        """The files among these that have several names, each with one of `paths`."""
        return {file: path for path in paths if (file := self._files.get(path))}

    def names_of(self, file: File) -> Sequence[bytes]:
        """All names of a file. KeyError for one that has a single name."""
        return self._names[file]

    def names_of_all(self, paths: Iterable[bytes]) -> set[bytes]:
        """All names of the files among these that have several names."""
        return {name for file in self.files(paths) for name in self._names[file]}

    def __contains__(self, path: bytes) -> bool:
        return path in self._files


class LinkComparison:
    """Whether files have the same names on both sides, of those that `counts` takes."""

    def __init__(
        self, booted: LinkGroups, clone: LinkGroups, counts: Callable[[bytes], bool]
    ) -> None:
        self._sides = booted, clone
        self._counts = counts
        self._counted: tuple[dict[File, frozenset[bytes]], ...] = ({}, {})
        self._different: dict[tuple[File | None, File | None], frozenset[bytes] | None] = {}

    def files(self, path: bytes) -> tuple[File | None, File | None]:
        """The booted file that has this name and the clone's; None for one with a single name."""
        here, there = (links.file(path) if path in links else None for links in self._sides)
        return here, there

    def alike(self, path: bytes) -> bool:
        """Whether `path` is linked to the same names on both sides."""
        files = self.files(path)
        if files not in self._different:
            self._different[files] = self._names_on_one_side(*files)
        different = self._different[files]
        return different is not None and different <= {path}

    def _names_on_one_side(
        self, booted: File | None, clone: File | None
    ) -> frozenset[bytes] | None:
        """The name that only one of two files has, if any; None for more than one."""
        here, there = self._names(0, booted), self._names(1, clone)
        if abs(len(here) - len(there)) > 1:  # they need not be gone through
            return None
        different = here ^ there
        return different if len(different) <= 1 else None

    def _names(self, side: int, file: File | None) -> frozenset[bytes]:
        """The names of a file that count. A single name counts for nothing: it is the path asked
        about, or no name of it."""
        if file is None:
            return frozenset()
        found = self._counted[side].get(file)
        if found is None:
            names = self._sides[side].names_of(file)
            found = self._counted[side][file] = frozenset(filter(self._counts, names))
        return found
