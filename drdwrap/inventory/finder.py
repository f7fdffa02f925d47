"""Find the lines of single paths in an inventory, and replace them.

Half a million lines take a tenth of a second to go through. So what one search found is kept, and
what the comparison came by is learned from it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import Storage, chunks, position


class Finder:
    """The lines of one storage, by path."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lines: dict[bytes, bytes] = {}
        self._positions: dict[bytes, int] = {}
        self._absent: set[bytes] = set()

    def learn(self, lines: Mapping[bytes, bytes], positions: Mapping[bytes, int]) -> None:
        """Take these lines, by path, and where they stand as known."""
        self._lines.update(lines)
        self._positions.update((path, positions[path]) for path in lines)

    def learn_absent(self, paths: Iterable[bytes]) -> None:
        """Take it as known that there are no lines of these paths."""
        self._absent.update(paths)

    def select(self, paths: Collection[bytes]) -> dict[bytes, bytes]:
        """The lines of those of these paths that there are. At most one pass over the storage."""
        missing = {p for p in paths if p not in self._positions and p not in self._absent}
        if missing:
            for at, chunk in chunks(self._storage):
                end = at + len(chunk) + 1
                # Half a million times: the set is asked in as few steps as Python can take.
                for line in [
                    line for line in chunk.split(b"\0") if line.partition(b"//")[0] in missing
                ]:
                    path, at = path_of(line), position(self._storage, line, at, end)
                    self._lines[path], self._positions[path] = line, at
            self._absent |= missing - self._positions.keys()
        return {path: self._lines[path] for path in paths if path in self._positions}

    def replaced(self, changes: Mapping[bytes, bytes | None]) -> Iterator[bytes]:
        """The storage with other lines for some paths, or (None) without them, in pieces.

        What `changes` has for a path that is not there is added at the end.
        """
        present = self.select(changes.keys())
        done = 0
        for path in sorted(present, key=self._positions.__getitem__):
            start = self._positions[path]
            yield self._storage[done:start]
            if (line := changes[path]) is not None:
                yield line + b"\0"
            done = start + len(present[path]) + 1
        yield self._storage[done:]
        for path, line in changes.items():
            if path not in present and line is not None:
                yield line + b"\0"
