"""Find the lines of single paths in an inventory, and replace them.

It takes nearly half a second to go through half a million lines one by one. So a path is searched
where find has written the contents of its directory, the results of a search are kept, and the
comparison adds those that it found.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping

from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import DIRECTORY, Storage, chunks, with_positions
from drdwrap.paths.arithmetic import is_below, parent


class Finder:
    """The lines of one storage, by path."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._lines: dict[bytes, bytes] = {}
        self._positions: dict[bytes, int] = {}
        self._absent: set[bytes] = set()

    def learn(self, lines: Mapping[bytes, bytes], positions: Mapping[bytes, int]) -> None:
        """Keep these lines, by path, and their positions."""
        self._lines.update(lines)
        self._positions.update((path, positions[path]) for path in lines)

    def learn_absent(self, paths: Iterable[bytes]) -> None:
        """Note that there are no lines of these paths."""
        self._absent.update(paths)

    def select(self, paths: Collection[bytes]) -> dict[bytes, bytes]:
        """The lines of these paths, as far as they have one. At most one pass over all lines."""
        missing = {p for p in paths if p not in self._positions and p not in self._absent}
        if missing:
            self._look_behind_directories(missing)
            missing -= self._positions.keys()
        if missing:
            self._go_through(missing)
            self._absent |= missing - self._positions.keys()
        return {path: self._lines[path] for path in paths if path in self._positions}

    def _look_behind_directories(self, wanted: set[bytes]) -> None:
        """Search for each of these paths behind the line of its directory.

        A path that is not found there may still be elsewhere. If this would go through most lines
        more than once, nothing is searched.
        """
        storage = self._storage  # what is searched begins with a NUL: else time is not linear
        places = _directories(storage, wanted.union(map(parent, wanted)))
        others = {p: places[parent(p)] for p in wanted - places.keys() if parent(p) in places}
        if sum(end - start for start, end in others.values()) > 2 * len(storage):
            return
        found = {path: places[path][0] for path in wanted & places.keys()}
        found |= {p: storage.find(b"\0%s//" % p, *place) + 1 for p, place in others.items()}
        for path, at in found.items():
            if at or path in places:
                self._lines[path] = storage[at : storage.find(b"\0", at)]
                self._positions[path] = at

    def _go_through(self, wanted: set[bytes]) -> None:
        """Search all lines for these paths."""
        for start, chunk in chunks(self._storage):
            # This runs half a million times, so it has as few steps as Python allows.
            hits = {line for line in chunk.split(b"\0") if line.partition(b"//")[0] in wanted}
            for at, line in with_positions(start, chunk) if hits else ():
                if line in hits:
                    path = path_of(line)
                    self._lines[path], self._positions[path] = line, at

    def replaced(self, changes: Mapping[bytes, bytes | None]) -> Iterator[bytes]:
        """The storage, in pieces, with new lines for some paths, or (None) without them.

        Lines for paths that are not there are added at the end.
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


def _directories(storage: Storage, wanted: set[bytes]) -> dict[bytes, tuple[int, int]]:
    """For each of these paths that is a directory: the start of its line, and the start of the line
    of the next directory that is not below it. find writes its contents in between."""
    found: dict[bytes, tuple[int, int]] = {}
    inside: list[bytes] = []
    for at, chunk in chunks(storage):
        for piece in chunk.split(DIRECTORY)[:-1]:
            path = piece[piece.rfind(b"\0") + 1 :]
            start = at + len(piece) - len(path)
            at += len(piece) + len(DIRECTORY)
            while inside and not is_below(path, inside[-1]):
                left = inside.pop()
                found[left] = found[left][0], start
            if path in wanted:
                found[path] = start, len(storage)
                inside.append(path)
    return found
