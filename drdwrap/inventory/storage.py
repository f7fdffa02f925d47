"""Where the lines of an inventory are kept: one stretch of bytes, each line ended by a NUL.

Half a million lines as Python objects would be hundreds of megabytes; as bytes they are forty.
"""

import mmap
import os
from collections.abc import Collection, Iterator, Mapping

from drdwrap.inventory.entry import path_of

Storage = bytes | mmap.mmap
"""Both have `find`, `rfind`, slices and a length."""

EMPTY: Storage = b""
_CHUNK = 1 << 20


def in_memory(descriptor: int) -> Storage:
    """What was written to `descriptor` (a file in memory or on disk), mapped read-only."""
    if os.fstat(descriptor).st_size == 0:
        return EMPTY
    return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)


def lines(storage: Storage) -> Iterator[bytes]:
    """Every line, without its NUL, in order."""
    for chunk in _chunks(storage):
        yield from chunk.split(b"\0")


def count(storage: Storage) -> int:
    """How many lines there are."""
    return sum(chunk.count(b"\0") + 1 for chunk in _chunks(storage))


def total_size(storage: Storage) -> int:
    """The sum of the sizes of all files in it, in bytes."""
    return sum(int(line.partition(b"//")[2].split(b" ", 5)[4]) for line in lines(storage))


def select(storage: Storage, paths: Collection[bytes]) -> dict[bytes, bytes]:
    """The lines of these paths, by path. One pass, whatever the number of paths."""
    if not paths:
        return {}
    return {path: line for line in lines(storage) if (path := path_of(line)) in paths}


def linked(storage: Storage) -> Iterator[bytes]:
    """The lines of everything but directories that has more than one link."""
    for line in lines(storage):
        if not line.endswith(b" 1") and line.partition(b"//")[2][:1] != b"d":
            yield line


def replaced(storage: Storage, changes: Mapping[bytes, bytes | None]) -> Iterator[bytes]:
    """Pieces of an inventory in which the lines of some paths are others, or (None) are left out.

    What `changes` has for a path that `storage` has not is added at the end.
    """
    left = dict(changes)
    for chunk in _chunks(storage):
        result = []
        for line in chunk.split(b"\0"):
            path = path_of(line)
            if path in left:
                other = left.pop(path)
                if other is not None:
                    result.append(other)
            else:
                result.append(line)
        if result:
            yield b"\0".join(result) + b"\0"
    added = [line for line in left.values() if line is not None]
    if added:
        yield b"\0".join(added) + b"\0"


def _chunks(storage: Storage) -> Iterator[bytes]:
    """The storage in pieces of whole lines, each without its last NUL."""
    start = 0
    while start < len(storage):
        end = storage.find(b"\0", min(start + _CHUNK, len(storage) - 1)) + 1
        yield storage[start : end - 1]
        start = end
