"""Hard links: which names are one file, on either side."""

from collections.abc import Callable, Collection, Iterable

from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory
from drdwrap.inventory.storage import lines
from drdwrap.pair.pair import Pair


class LinkGroups:
    """The hard-linked files of one side. Inode numbers are only unique within a volume."""

    def __init__(self, inventory: Inventory, pair: Pair) -> None:
        self._names: dict[tuple[bytes, bytes], list[bytes]] = {}
        self._inode: dict[bytes, tuple[bytes, bytes]] = {}
        for line in lines(inventory.linked):
            entry = Entry.parse(line)
            key = (pair.volume_of(entry.path), entry.inode)
            self._names.setdefault(key, []).append(entry.path)
            self._inode[entry.path] = key

    def names(self, path: bytes) -> Collection[bytes]:
        """All names of the file that has this name, itself included."""
        key = self._inode.get(path)
        return self._names[key] if key else (path,)

    def file(self, path: bytes) -> tuple[bytes, bytes]:
        """What all names of one file share, and no others: volume and inode. KeyError for a path
        that is the only name of its file."""
        return self._inode[path]

    def names_of_all(self, paths: Iterable[bytes]) -> set[bytes]:
        """All names of the files among these that have several names."""
        return {name for path in paths if path in self._inode for name in self.names(path)}

    def __contains__(self, path: bytes) -> bool:
        return path in self._inode


def linked_alike(
    path: bytes, booted: LinkGroups, clone: LinkGroups, counts: Callable[[bytes], bool]
) -> bool:
    """Whether `path` is linked to the same names on both sides, of those that `counts` takes."""
    here = {name for name in booted.names(path) if counts(name)}
    there = {name for name in clone.names(path) if counts(name)}
    return here | {path} == there | {path}
