"""Directories that ext4 encrypts (fscrypt), with a key that comes and goes."""

from __future__ import annotations

import fcntl
import os
import struct
from pathlib import Path

_SET_POLICY = 0x800C6613
_ADD_KEY = 0xC0506617
_REMOVE_KEY = 0xC0406618
_AES_256_XTS, _AES_256_CTS = 1, 4
_PAD_32 = 3


class NoEncryption(Exception):
    """The kernel has no fscrypt; the text says so."""


class Key:
    """A key of a mounted file system, added to it at first."""

    def __init__(self, point: Path) -> None:
        self._point = point
        self._raw = os.urandom(64)
        self._identifier = bytes(16)
        try:
            self.add()
        except OSError as error:
            raise NoEncryption(f"FS_IOC_ADD_ENCRYPTION_KEY: {error}") from error

    def add(self) -> None:
        """What is encrypted with it is unlocked."""
        empty = struct.pack("=II32sI36x", 2, 0, b"", len(self._raw))
        self._identifier = _ioctl(self._point, _ADD_KEY, empty + self._raw)[8:24]

    def remove(self) -> None:
        """What is encrypted with it is locked. Nothing of it may be open."""
        os.sync()
        asked = struct.pack("=II32s24x", 2, 0, self._identifier)
        (still_used,) = struct.unpack("=I", _ioctl(self._point, _REMOVE_KEY, asked)[40:44])
        assert not still_used

    def encrypt(self, directory: Path) -> None:
        """Let an empty directory encrypt all that is made in it."""
        modes = _AES_256_XTS, _AES_256_CTS, _PAD_32
        policy = struct.pack("=BBBB4x16s", 2, *modes, self._identifier)
        _ioctl(directory, _SET_POLICY, policy)


def _ioctl(path: Path, request: int, argument: bytes) -> bytes:
    answer = bytearray(argument)
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.ioctl(descriptor, request, answer)
    finally:
        os.close(descriptor)
    return bytes(answer)
