"""What is in a file besides its holes (lseek(2), SEEK_DATA and SEEK_HOLE).

A hole takes no room and a second a gigabyte to read. Anyone can make one of a million gigabytes.
"""

import errno
import os
import stat
from collections.abc import Iterator

_LONGEST = 1 << 20

LARGE = 1 << 30
"""Bytes of holes in one file that are worth not being read: rsync takes a second or more."""


def has_large(path: bytes) -> bool:
    """Whether there is a file at `path` with more than LARGE bytes of holes."""
    try:
        return are_large(os.lstat(path))
    except OSError:
        return False


def are_large(found: os.stat_result) -> bool:
    """Whether what lstat(2) says of something is that of a file with more than LARGE bytes of
    holes."""
    return stat.S_ISREG(found.st_mode) and found.st_size - found.st_blocks * 512 > LARGE


def stretches_of_data(size: int, *files: int) -> Iterator[tuple[int, int]]:
    """Where any of these open files of `size` bytes has data: start and end of stretches of at most
    1 MiB, in order. Between them all have holes, which read as zeros. OSError.

    What a file system knows nothing about counts as data. The files' positions move.
    """
    data = [_Data(file, size) for file in files]
    at = 0
    while (start := min(each.start_from(at) for each in data)) < size:
        at = min(start + _LONGEST, max(each.end_from(start) for each in data))
        yield start, at


class _Data:
    """Where one file has data. Each stretch is asked for once: to find its end can take as long as
    it has extents."""

    def __init__(self, file: int, size: int) -> None:
        self._file = file
        self._size = size
        self._start = self._end = 0

    def start_from(self, at: int) -> int:
        """The first position from `at` on that is no hole, or the file's size."""
        if at >= self._end and self._start < self._size:
            self._start = self._seek(at, os.SEEK_DATA, at)
            self._end = self._seek(self._start, os.SEEK_HOLE, self._size)
        return max(self._start, at)

    def end_from(self, at: int) -> int:
        """Where the data at `at` ends; `at` itself in a hole."""
        return self._end if self._start <= at < self._end else at

    def _seek(self, at: int, whence: int, otherwise: int) -> int:
        if at >= self._size:
            return self._size
        try:
            return min(os.lseek(self._file, at, whence), self._size)
        except OSError as error:
            if error.errno == errno.ENXIO:  # nothing but a hole follows
                return self._size
            if error.errno == errno.EINVAL:  # the file system cannot tell
                return otherwise
            raise
