"""What fstab(5) says is to be mounted and crypttab(5) to be opened, field by field."""

import os
from dataclasses import dataclass

from drdwrap.paths.escaping import unescaped

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


def of(root: bytes) -> list[Entry]:
    """The entries of the system in `root`; none where there is no fstab to be read."""
    try:
        with open(os.path.join(root, b"etc/fstab"), "rb") as file:
            return entries(file.read())
    except OSError:
        return []


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
        fields = [unescaped(field) for field in line.split()]
        if len(fields) >= 2 and not line.lstrip().startswith(b"#"):
            found.append((number, [*fields, *last_two[len(fields) - 2 :]][:4]))
    return found
