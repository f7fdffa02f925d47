"""Ask who holds a lock on another program's file (fcntl(2)), without taking it."""

import fcntl
import os
import struct

from drdwrap.linux import safe_file

FLOCK = "hhqqi0q"
"""struct flock of 64-bit Linux: type, whence, start, length, process."""


def of(path: bytes, *, writing_only: bool = False) -> str:
    """The process that holds a lock on the file at `path`, for the screen; empty if none does, or
    if there is no such file.

    With `writing_only` a lock that lets others read does not count. See fcntl(2), F_GETLK.
    """
    try:
        descriptor = safe_file.open_to_read(path)
    except OSError:
        return ""
    try:
        wanted = fcntl.F_RDLCK if writing_only else fcntl.F_WRLCK
        asked = struct.pack(FLOCK, wanted, os.SEEK_SET, 0, 0, 0)
        kind, _, _, _, pid = struct.unpack(FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, asked))
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return ""
    return f"process {pid}" if pid > 0 else "a process elsewhere"
