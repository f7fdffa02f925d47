"""GRUB's environment block: a file of 1024 bytes with lines of `name=value`, padded with `#`.

GRUB writes it in place, in the sectors that it finds, so it must exist, keep its size, and lie on a
plain file system.
"""

import os
from collections.abc import Mapping

from drdwrap.linux import durable, safe_file
from drdwrap.paths.line_ends import lines_of

SIZE = 1024
_SIGNATURE = b"# GRUB Environment Block\n"
_ONE_SECTOR = 512
"""What is written at once even if the power fails. All values fit into it."""


def rendered(values: Mapping[str, str]) -> bytes:
    """The block with these values. ValueError if they do not fit, or are not plain text."""
    lines = [_SIGNATURE]
    for name, value in values.items():
        if not value.isascii() or not value.isprintable() or "\\" in value:
            raise ValueError(f"{name} is not plain text")
        lines.append(f"{name}={value}\n".encode())
    text = b"".join(lines)
    if len(text) > _ONE_SECTOR:
        raise ValueError("the values do not fit into one sector")
    return text.ljust(SIZE, b"#")


def parsed(block: bytes) -> dict[str, str]:
    """The values of a block. ValueError if it is not one."""
    if len(block) != SIZE or not block.startswith(_SIGNATURE):
        raise ValueError("it is not an environment block of GRUB")
    lines = lines_of(block.rstrip(b"#").decode("ascii", "replace"))[1:]
    return dict(line.split("=", 1) for line in lines if "=" in line)


def read(path: bytes) -> dict[str, str]:
    """The values in the file at `path`. OSError; ValueError if it is not a block."""
    return parsed(safe_file.contents(path, most=1 << 16))


def write(path: bytes, values: Mapping[str, str]) -> None:
    """Write the block at `path`, to the disk too. An existing block is overwritten in place: GRUB
    does not read a journal, but it sees this at once, whole. OSError, ValueError."""
    block = rendered(values)
    try:
        descriptor = safe_file.open_to_read(path, os.O_RDWR)
    except FileNotFoundError:
        durable.write(path, [block], 0o644)
        return
    try:
        if os.fstat(descriptor).st_size != SIZE:
            durable.write(path, [block], 0o644)
            return
        os.pwrite(descriptor, block, 0)
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
