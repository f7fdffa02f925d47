"""Read the contents of a file on both sides, the clone's from its disk, and compare them."""

import os

from drdwrap.linux import safe_file

_CHUNK = 1 << 20


def first_difference(booted: bytes, clone: bytes) -> int | None:
    """The offset of the first byte in which the files at these paths differ; None if they are
    alike. OSError, which names the path.

    What the kernel remembers of the clone's file is dropped first: it is what was written, and not
    what the disk has.
    """
    here = safe_file.open_to_read(booted)
    try:
        there = safe_file.open_to_read(clone)
        try:
            os.posix_fadvise(there, 0, 0, os.POSIX_FADV_DONTNEED)
            os.posix_fadvise(there, 0, 0, os.POSIX_FADV_SEQUENTIAL)
            try:
                return _compared(here, there)
            finally:
                os.posix_fadvise(there, 0, 0, os.POSIX_FADV_DONTNEED)
        except OSError as error:
            error.filename = error.filename or clone
            raise
        finally:
            os.close(there)
    finally:
        os.close(here)


def _compared(here: int, there: int) -> int | None:
    offset = 0
    while True:
        one, other = os.read(here, _CHUNK), os.read(there, _CHUNK)
        if one != other:
            pairs = enumerate(zip(one, other, strict=False))
            return offset + next((n for n, (a, b) in pairs if a != b), min(len(one), len(other)))
        if not one:
            return None
        offset += len(one)
