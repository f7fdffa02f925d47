"""Open a file that somebody else may have exchanged: no link is followed, nothing is waited for,
and nothing but a regular file is read."""

import errno
import os
import stat

MOST = 64 << 20
"""Bytes. No file that is read whole (a package database, a list of accounts, drdwrap's own notes)
is nearly as large."""


def open_to_read(path: bytes, flags: int = 0, *, follow: bool = False) -> int:
    """A descriptor of the regular file at `path`, with further `flags` of open(2). The caller
    closes it.

    OSError if the file cannot be opened: ELOOP if it is a symbolic link (unless `follow`), EISDIR
    if it is a directory, EINVAL if it is a FIFO, a device or the like.
    """
    flags |= os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags if follow else flags | os.O_NOFOLLOW)
    try:
        mode = os.fstat(descriptor).st_mode
        if stat.S_ISDIR(mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if not stat.S_ISREG(mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def contents(path: bytes, *, most: int = MOST, follow: bool = False) -> bytes:
    """All of the regular file at `path`. OSError; EFBIG if it has more than `most` bytes."""
    descriptor = open_to_read(path, follow=follow)
    try:
        # Of a sparse file or a growing one no more is read than may be.
        size = os.fstat(descriptor).st_size
        data = _read(descriptor, size, most + 1) if size <= most else None
    finally:
        os.close(descriptor)
    if data is None or len(data) > most:
        raise OSError(errno.EFBIG, f"larger than {_in_words(most)}", path)
    return data


def _read(descriptor: int, size: int, most: int) -> bytes:
    """Up to `most` bytes; `size` are expected. (A package database has thousands of files, and a
    file object for each takes longer than the reading.)"""
    data = os.read(descriptor, min(size + 1, most))
    while len(data) < most and (more := os.read(descriptor, min(1 << 20, most - len(data)))):
        data += more
    return data


def _in_words(size: int) -> str:
    return f"{size >> 20} MiB" if size >= 1 << 20 else f"{size >> 10} KiB"
