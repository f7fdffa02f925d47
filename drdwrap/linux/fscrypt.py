"""What a file system encrypts file by file: fscrypt of ext4, f2fs, UBIFS and CephFS.

Without its key (locked) an encrypted directory lists encoded names and no error. A file keeps its
encryption when it is moved or linked to a directory that is not encrypted. See the kernel's
Documentation/filesystems/fscrypt.rst.
"""

import errno
import fcntl
import os
import stat
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from drdwrap.linux import syscalls

_GET_POLICY = 0xC0096616
"""FS_IOC_GET_ENCRYPTION_POLICY_EX, of Linux 5.4."""
_GET_KEY_STATUS = 0xC080661A
"""FS_IOC_GET_ENCRYPTION_KEY_STATUS."""
_POLICY = struct.Struct("=Q24s")
_KEY_STATUS = struct.Struct("=II32s24xI60x")
_V1, _V2 = 0, 2
_KEY_OF = {_V1: (1, slice(4, 12)), _V2: (2, slice(8, 24))}
"""By version of a policy: how a key is named, and where the policy has the name."""
_PRESENT = 2


def can_encrypt(directory: bytes) -> bool:
    """Whether the file system of `directory` may hold anything encrypted.

    True as well if that cannot be asked: then every directory is looked at.
    """
    try:
        with _opened(directory) as descriptor:
            _policy(descriptor)
    except OSError as error:
        return error.errno not in (errno.EOPNOTSUPP, errno.ENOTTY, errno.EINVAL)
    return True


def is_encrypted(path: bytes) -> bool:
    """Whether the file, directory or link at `path` is encrypted. OSError, also ENOENT."""
    return bool(syscalls.statx_attributes(path) & syscalls.STATX_ATTR_ENCRYPTED)


def is_locked(path: bytes) -> bool:
    """Whether the key of an encrypted directory or file is missing, or cannot be shown to be there.

    Of a link it cannot. Nor is a key seen that is in a process's own keyring, where e4crypt put it.
    """
    try:
        with _opened(path) as descriptor:
            if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
                return False  # without its key a file cannot be opened, but a directory can
            policy = _policy(descriptor)
            kind, where = _KEY_OF[policy[0]]
            asked = _KEY_STATUS.pack(kind, 0, policy[where], 0)
            answer = _KEY_STATUS.unpack(_answer(descriptor, _GET_KEY_STATUS, asked))
    except (OSError, KeyError):
        return True
    return bool(answer[3] != _PRESENT)


def _policy(descriptor: int) -> bytes:
    return bytes(_POLICY.unpack(_answer(descriptor, _GET_POLICY, _POLICY.pack(24, b"")))[1])


def _answer(descriptor: int, request: int, argument: bytes) -> bytes:
    answer = bytearray(argument)
    fcntl.ioctl(descriptor, request, answer)
    return bytes(answer)


@contextmanager
def _opened(path: bytes) -> Iterator[int]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
    descriptor = os.open(path, flags)
    try:
        yield descriptor
    finally:
        os.close(descriptor)
