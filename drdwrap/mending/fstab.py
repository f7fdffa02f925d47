"""What fstab(5) says is to be mounted and crypttab(5) to be opened, field by field."""

import re
from dataclasses import dataclass

_OCTAL = re.compile(rb"\\([0-3][0-7]{2})")
_NO_FAULT_WITHOUT = frozenset((b"noauto", b"nofail"))


@dataclass(frozen=True)
class Entry:
    r"""One file system or swap of fstab, `\ooo` undone.

    `spec` is what to mount, as written (b"/dev/vg00/root", b"UUID=...", b"server:/export");
    `mount_point` is b"none" for swap. `line` counts from 1.
    """

    line: int
    spec: bytes
    mount_point: bytes
    type: bytes
    options: tuple[bytes, ...]

    @property
    def boots_without(self) -> bool:
        """Whether the system comes up all the same where the device is not there."""
        return not _NO_FAULT_WITHOUT.isdisjoint(self.options)


@dataclass(frozen=True)
class Encrypted:
    """One device of crypttab: the name it is opened under, and what is opened. `line` from 1."""

    line: int
    name: bytes
    spec: bytes
    key_file: bytes
    options: tuple[bytes, ...]

    @property
    def boots_without(self) -> bool:
        """Whether the system comes up all the same where the device is not there."""
        return not _NO_FAULT_WITHOUT.isdisjoint(self.options)


def entries(fstab: bytes) -> list[Entry]:
    """The entries in order, with mount(8)'s defaults for what is missing. Comments are left out,
    and lines of one field alone, which mount warns of and passes over."""
    return [
        Entry(line, spec, mount_point, kind, tuple(options.split(b",")))
        for line, (spec, mount_point, kind, options) in _lines(fstab, (b"auto", b"defaults"))
    ]


def encrypted(crypttab: bytes) -> list[Encrypted]:
    """The devices in order."""
    return [
        Encrypted(line, name, spec, key_file, tuple(options.split(b",")))
        for line, (name, spec, key_file, options) in _lines(crypttab, (b"none", b""))
    ]


def _lines(text: bytes, last_two: tuple[bytes, bytes]) -> list[tuple[int, list[bytes]]]:
    """The number of each line that says something, and its first four fields."""
    found = []
    for number, line in enumerate(text.split(b"\n"), 1):
        fields = [_OCTAL.sub(_byte, field) for field in line.split()]
        if len(fields) >= 2 and not line.lstrip().startswith(b"#"):
            found.append((number, [*fields, *last_two[len(fields) - 2 :]][:4]))
    return found


def _byte(match: re.Match[bytes]) -> bytes:
    return bytes([int(match.group(1), 8)])
