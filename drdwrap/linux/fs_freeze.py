"""Have everything of a file system in its place on the disk, its journal included.

GRUB does not replay a journal: what fsync(2) has only put there, it does not see. Freezing a file
system empties its journal (ioctl_fsfreeze; ostree does the same).
"""

import errno
import fcntl
import os

from drdwrap.linux import signals

_FIFREEZE, _FITHAW = 0xC0045877, 0xC0045878
_NOT_POSSIBLE = (errno.EOPNOTSUPP, errno.ENOTTY, errno.EBUSY, errno.EINVAL)


def flush_journal(path: bytes) -> None:
    """Do that for the file system whose root is at `path`; nothing if `path` is part of the root
    file system, which cannot be frozen safely. OSError."""
    if os.stat(path).st_dev == os.stat("/").st_dev:
        return
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        with signals.deferred():
            try:
                fcntl.ioctl(descriptor, _FIFREEZE, 0)
            except OSError as error:
                if error.errno not in _NOT_POSSIBLE:
                    raise
                return  # FAT has no journal
            fcntl.ioctl(descriptor, _FITHAW, 0)
    finally:
        os.close(descriptor)
