"""Where the bytes of a file lie on a disk: FIEMAP, and the devices between file system and disk."""

import fcntl
import os
import struct
from collections.abc import Iterator

from drdwrap.errors import DrdwrapError
from drdwrap.linux import process
from drdwrap.paths.line_ends import lines_of

_FIEMAP = 0xC020660B
_SYNC = 1
_MOST = 512
_EXTENT = struct.Struct("QQQQQIIII")
_NOT_PLAIN = 0x2 | 0x4 | 0x8 | 0x80 | 0x100 | 0x200 | 0x400
"""Flags of extents whose bytes are not on the disk as they are: unknown, delayed, encoded,
encrypted, not aligned, inline, in a tail."""
_SYSFS = "/sys/dev/block"
_SECTOR = 512

Piece = tuple[int, int, int]
"""Bytes of a file: offset in the file, offset on the disk, length."""


def pieces(path: bytes, device: str) -> list[Piece]:
    """Where the file lies on the disk that its file system's device (`major:minor`) is on.
    DrdwrapError if that cannot be told; OSError."""
    found: list[Piece] = []
    with open(path, "rb") as file:
        size = os.fstat(file.fileno()).st_size
        for logical, physical, length in _extents(file.fileno()):
            length = min(length, size - logical)
            while length > 0:
                on_disk, run = _on_disk(device, physical, length)
                found.append((logical, on_disk, run))
                logical, physical, length = logical + run, physical + run, length - run
    if sum(length for _, _, length in found) != size:
        raise DrdwrapError("the boot menu has holes")
    return found


def _extents(descriptor: int) -> Iterator[tuple[int, int, int]]:
    head = struct.pack("QQIIII", 0, (1 << 64) - 1, _SYNC, 0, _MOST, 0)
    buffer = bytearray(head + bytes(_MOST * _EXTENT.size))
    fcntl.ioctl(descriptor, _FIEMAP, buffer)
    (number,) = struct.unpack_from("I", buffer, 20)
    for at in range(number):
        logical, physical, length, _, _, flags, *_ = _EXTENT.unpack_from(
            buffer, len(head) + at * _EXTENT.size
        )
        if flags & _NOT_PLAIN:
            raise DrdwrapError("its file system does not keep the boot menu as plain blocks")
        yield logical, physical, length


def _on_disk(device: str, offset: int, length: int) -> tuple[int, int]:
    """The offset on the whole disk, and how many bytes lie there together."""
    while True:
        if os.path.exists(f"{_SYSFS}/{device}/partition"):
            with open(f"{_SYSFS}/{device}/start") as file:
                return offset + int(file.read()) * _SECTOR, length
        if not os.path.exists(f"{_SYSFS}/{device}/dm"):
            return offset, length
        device, offset, length = _below_mapping(device, offset, length)


def _below_mapping(device: str, offset: int, length: int) -> tuple[str, int, int]:
    major, minor = device.split(":")
    table = process.run("dmsetup", ["table", "--major", major, "--minor", minor]).stdout
    for line in lines_of(table):
        start, size, kind, *rest = line.split()
        begin, end = int(start) * _SECTOR, (int(start) + int(size)) * _SECTOR
        if begin <= offset < end and kind == b"linear":
            within = offset - begin
            return rest[0].decode(), int(rest[1]) * _SECTOR + within, min(length, end - offset)
    raise DrdwrapError("the boot menu is on an encrypted or striped volume")
