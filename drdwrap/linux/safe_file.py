"""Open a file that somebody else may have exchanged: no link is followed, and nothing is waited
for (a FIFO, a device)."""

import os


def open_to_read(path: bytes, flags: int = 0) -> int:
    """A descriptor of the file at `path`, with further `flags` of open(2). The caller closes it.

    OSError if the file cannot be opened; ELOOP if it is a symbolic link.
    """
    return os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC | flags)


def contents(path: bytes) -> bytes:
    """All of the file at `path`. OSError."""
    with open(open_to_read(path), "rb") as file:
        return file.read()
