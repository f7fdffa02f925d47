"""Where the lines of an inventory are kept: one stretch of bytes, each line ended by a NUL.

Half a million lines as Python objects would be hundreds of megabytes; as bytes they are forty.
"""

import mmap
import os
from collections.abc import Iterator

Storage = bytes | mmap.mmap
"""Both have `find`, `rfind`, slices and a length."""

EMPTY: Storage = b""
_CHUNK = 1 << 17


def in_memory(descriptor: int) -> Storage:
    """What was written to `descriptor` (a file in memory or on disk), mapped read-only."""
    if os.fstat(descriptor).st_size == 0:
        return EMPTY
    return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)


def lines(storage: Storage) -> Iterator[bytes]:
    """Every line, without its NUL, in order."""
    for _, chunk in chunks(storage):
        yield from chunk.split(b"\0")


def count(storage: Storage) -> int:
    """How many lines there are."""
    return sum(chunk.count(b"\0") + 1 for _, chunk in chunks(storage))


def total_size(storage: Storage) -> int:
    """The sum of the sizes of all files in it, in bytes."""
    return sum(map(size_of, lines(storage)))


def size_of(line: bytes) -> int:
    """The size that a line says, in bytes."""
    return int(line.partition(b"//")[2].split(b" ", 5)[4])


def chunks(storage: Storage) -> Iterator[tuple[int, bytes]]:
    """The storage in pieces of whole lines, each without its last NUL, and where each begins."""
    start = 0
    while start < len(storage):
        end = storage.find(b"\0", min(start + _CHUNK, len(storage) - 1)) + 1
        yield start, storage[start : end - 1]
        start = end


def is_linked(line: bytes) -> bool:
    """Whether a line is about anything but a directory that has more than one link."""
    return not line.endswith(b" 1") and line.partition(b"//")[2][:1] != b"d"


def position(storage: Storage, line: bytes, start: int, end: int) -> int:
    """Where `line` (without its NUL) stands in `storage` between two positions; -1 if it does not.

    A line may end another: the other names of a hard-linked file differ in the path alone.
    """
    found = storage.find(line + b"\0", start, end)
    while found > 0 and storage[found - 1 : found] != b"\0":
        found = storage.find(line + b"\0", found + 1, end)
    return found
