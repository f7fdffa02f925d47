"""Open a file of a root without following any symbolic link, and read it if it is text."""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager

from drdwrap.paths.arithmetic import absolute, parent

_LARGEST = 4 << 20
"""Bytes. Files that are read at boot are far smaller; a larger one is an image, a kernel's symbol
table or a database."""


@contextmanager
def opened(root: bytes, path: bytes, flags: int) -> Iterator[int]:
    """A descriptor of `path` (relative). OSError (ELOOP, ENOTDIR) if any part of it is a symbolic
    link."""
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    names = path.split(b"/")
    try:
        for number, name in enumerate(names, 1):
            last = number == len(names)
            step = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            below = os.open(name, flags if last else step, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    except OSError as error:
        error.filename = absolute(root, path)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def directory_of(root: bytes, path: bytes) -> Iterator[int]:
    """A descriptor of the directory that holds `path`."""
    with opened(root, parent(path), os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        yield descriptor


def text_of(descriptor: int) -> bytes | None:
    """The contents of an open file; None if it is not a regular file, too large, or binary."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return None
    text = b""
    while part := os.pread(descriptor, _LARGEST if text else 8192, len(text)):
        if b"\0" in part:
            return None
        text += part
    return text
