"""What a file system refuses or cannot keep, tried on a file without a name (open(2), O_TMPFILE).

The file is never seen in the tree, and the directory's time does not change.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import islice

from drdwrap.errors import NO_ROOM

_FRACTION = 1_000_000_000_123_456_789
"""A time in nanoseconds since 1970. Only a file system that keeps nanoseconds gives it back."""

_UNTRIED = (errno.EOPNOTSUPP, errno.EISDIR, *NO_ROOM)
"""The file system has no nameless files, or no room just now: nothing can be tried."""


@contextmanager
def _nameless_file(directory: bytes) -> Iterator[int]:
    descriptor = os.open(directory, os.O_TMPFILE | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def refusal(directory: bytes) -> int:
    """Why no file can be made in `directory`, as an errno; 0 if one can, or if that cannot be
    tried."""
    try:
        with _nameless_file(directory):
            return 0
    except OSError as error:
        return 0 if error.errno in _UNTRIED else error.errno or 0


def is_read_only(directory: bytes) -> bool:
    """Whether the file system of `directory` is read-only, for whatever reason.

    ext4 can be so after an error without saying it in its flags (since Linux 6.15).
    """
    with suppress(OSError):
        if os.statvfs(directory).f_flag & os.ST_RDONLY:
            return True
    return refusal(directory) == errno.EROFS


def kept_time(directory: bytes, time: int) -> int:
    """What the file system of `directory` keeps of a modification time (nanoseconds since 1970).

    The time itself if that cannot be tried. ext4 with inodes of 128 bytes keeps no fraction of a
    second and no time after 2038; XFS without `bigtime` ends in 2038 as well.
    """
    try:
        with _nameless_file(directory) as descriptor:
            os.utime(descriptor, ns=(time, time))
            return os.fstat(descriptor).st_mtime_ns
    except (OSError, OverflowError):
        return time


def keeps_fractions(directory: bytes) -> bool:
    """Whether the file system of `directory` keeps fractions of a second. See `kept_time`."""
    return kept_time(directory, _FRACTION) == _FRACTION


def has_fractions(directory: bytes, mount_points: frozenset[bytes]) -> bool:
    """Whether anything in `directory` has a change time with a fraction of a second.

    Reads what is there, since nothing may be written. `mount_points` are names in it that are left
    out: a dead network mount would never answer.
    """
    names = (name for name in os.listdir(directory) if name not in mount_points)
    for name in islice(names, 100):
        try:
            status = os.lstat(os.path.join(directory, name))
        except OSError:
            continue
        if status.st_ctime_ns % 1_000_000_000:
            return True
    return False
