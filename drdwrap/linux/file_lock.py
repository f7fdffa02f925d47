"""Who holds a lock on a file, asked without taking it."""

import fcntl
import os
import struct

_FLOCK = "hhqqi0q"
"""struct flock of 64-bit Linux: type, whence, start, length, process."""


def holder(path: bytes, *, writing_only: bool = False) -> str:
    """The process that holds a lock on `path`, for the screen; empty if none does, or no file.

    With `writing_only` a lock that lets others read does not count. See fcntl(2), F_GETLK.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return ""
    try:
        wanted = fcntl.F_RDLCK if writing_only else fcntl.F_WRLCK
        asked = struct.pack(_FLOCK, wanted, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(_FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return ""
    return f"process {pid}" if pid > 0 else "a process elsewhere"
