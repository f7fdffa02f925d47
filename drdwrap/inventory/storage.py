"""How the lines of an inventory are kept: as one run of bytes, in which a NUL ends each line.

Half a million lines take hundreds of megabytes as Python objects, and forty as bytes.
"""

import mmap
import os
from collections.abc import Iterator

Storage = bytes | mmap.mmap
"""Both have `find`, `rfind`, slices and a length."""

EMPTY: Storage = b""
_CHUNK = 1 << 17

DIRECTORY = b"//d "
"""Stands between path and mode in the line of a directory, and never in a path."""


def in_memory(descriptor: int) -> Storage:
    """The contents of `descriptor` (a file in memory or on disk), mapped read-only."""
    if os.fstat(descriptor).st_size == 0:
        return EMPTY
    return mmap.mmap(descriptor, 0, prot=mmap.PROT_READ)


def lines(storage: Storage) -> Iterator[bytes]:
    """Every line, without its NUL, in order."""
    for _, chunk in chunks(storage):
        yield from chunk.split(b"\0")


def count(storage: Storage) -> int:
    """The number of lines."""
    return sum(chunk.count(b"\0") + 1 for _, chunk in chunks(storage))


def total_size(storage: Storage) -> int:
    """The sum of the sizes of all files, in bytes."""
    return sum(map(size_of, lines(storage)))


def size_of(line: bytes) -> int:
    """The size in a line, in bytes."""
    return int(line.partition(b"//")[2].split(b" ", 5)[4])


def chunks(storage: Storage) -> Iterator[tuple[int, bytes]]:
    """The storage in pieces of whole lines, each without its last NUL, and the start of each."""
    start = 0
    while start < len(storage):
        end = storage.find(b"\0", min(start + _CHUNK, len(storage) - 1)) + 1
        yield start, storage[start : end - 1]
        start = end


def directories(storage: Storage) -> Iterator[bytes]:
    """The paths of all directories, each before those in it."""
    for _, chunk in chunks(storage):
        for piece in chunk.split(DIRECTORY)[:-1]:
            yield piece[piece.rfind(b"\0") + 1 :]


def is_linked(line: bytes) -> bool:
    """Whether a line is about something with more than one link that is not a directory."""
    return not line.endswith(b" 1") and line.partition(b"//")[2][:1] != b"d"


def with_positions(at: int, chunk: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines of a piece (see `chunks`) that begins at `at`, each with its position."""
    for line in chunk.split(b"\0"):
        yield at, line
        at += len(line) + 1
