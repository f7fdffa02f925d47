"""The entries of fstab(5) and crypttab(5), field by field."""

import os
import re
from dataclasses import dataclass

from drdwrap.linux import safe_file
from drdwrap.paths.escaping import unescaped
from drdwrap.paths.line_ends import lines_of

_BLANKS = re.compile(rb"[ \t]+")
_NOT_NEEDED_TO_BOOT = frozenset((b"noauto", b"nofail"))


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
        """Whether the system boots even if the device is not there."""
        return not _NOT_NEEDED_TO_BOOT.isdisjoint(self.options)


@dataclass(frozen=True)
class Encrypted:
    """One device of crypttab: `spec` is opened as `name`. `line` counts from 1."""

    line: int
    name: bytes
    spec: bytes
    key_file: bytes
    options: tuple[bytes, ...]

    @property
    def boots_without(self) -> bool:
        """Whether the system boots even if the device is not there."""
        return not _NOT_NEEDED_TO_BOOT.isdisjoint(self.options)


def of(root: bytes) -> list[Entry]:
    """The entries of the system in `root`; none if its fstab cannot be read."""
    try:
        return entries(safe_file.contents(os.path.join(root, b"etc/fstab"), follow=True))
    except OSError:
        return []


def entries(fstab: bytes) -> list[Entry]:
    """The entries in order, with mount(8)'s defaults for missing fields. Comments are left out, and
    lines of a single field, which mount ignores with a warning."""
    return [
        Entry(line, spec, mount_point, kind, tuple(options.split(b",")))
        for line, (spec, mount_point, kind, options) in _lines(fstab, (b"auto", b"defaults"))
    ]


def encrypted(crypttab: bytes) -> list[Encrypted]:
    """The devices of a crypttab, in order."""
    return [
        Encrypted(line, name, spec, key_file, tuple(options.split(b",")))
        for line, (name, spec, key_file, options) in _lines(crypttab, (b"none", b""))
    ]


def _lines(text: bytes, last_two: tuple[bytes, bytes]) -> list[tuple[int, list[bytes]]]:
    """Each line that is not a comment, by number, as four fields. `last_two` are the defaults.

    mount(8) takes spaces and tabs for separators, and ignores a carriage return at a line's end.
    """
    found = []
    for number, line in enumerate(lines_of(text), 1):
        bare = line.removesuffix(b"\r").strip(b" \t")
        fields = [unescaped(field) for field in _BLANKS.split(bare)]
        if len(fields) >= 2 and not bare.startswith(b"#"):
            found.append((number, [*fields, *last_two[len(fields) - 2 :]][:4]))
    return found
