"""LVM's devices files (lvmdevices(8)): where there is one, LVM sees no device but those in it.

An entry goes by what the hardware says of itself, which only LVM can tell. (By a device's name it
will not do: LVM 2.03.16 does not look elsewhere for a PV that has been renamed.) But pvcreate has
put the clone's PV into the booted system's file, whose copy this is. So the booted group's PVs are
taken out; and if the clone's is not there then, the file goes: without it LVM sees all devices,
and the clone boots.
"""

import re

from drdwrap.boot.file_kinds.kind import Kind
from drdwrap.boot.references import Reference, References
from drdwrap.paths.escaping import for_screen

_ENTRY = re.compile(rb"IDTYPE=.*\bPVID=([A-Za-z0-9]{32})\b")


def mended(text: bytes, references: References) -> bytes | None:
    """Without the entries of the booted group's PVs; None if there is none of the clone's."""
    ours = {
        other.replace(b"-", b"")
        for other in references.equivalents.uuids.values()
        if other is not None
    }
    lines = text.splitlines(keepends=True)
    kept = [line for line in lines if not _is_booted(line, references)]
    if len(kept) == len(lines):
        return text
    return b"".join(kept) if any(_pvid(line) in ours for line in kept) else None


def left_in(text: bytes, references: References) -> list[Reference]:
    """The entries of the booted group's PVs. All can be mended: by their absence."""
    return [
        Reference(number, f"PVID={for_screen(_pvid(line))}", True)
        for number, line in enumerate(text.splitlines(), 1)
        if _is_booted(line, references)
    ]


def _is_booted(line: bytes, references: References) -> bool:
    return _pvid(line) in references.equivalents.uuids


def _pvid(line: bytes) -> bytes:
    entry = _ENTRY.match(line)
    return entry[1] if entry else b""


KIND = Kind(
    ("etc/lvm/devices/*.devices",),
    "entries of the booted group's PVs are taken out; without one of the clone's it is removed",
    mended,
    left_in,
)
