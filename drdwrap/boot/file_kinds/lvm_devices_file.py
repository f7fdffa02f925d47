"""LVM's devices files (lvmdevices(8)): with such a file, LVM sees only the devices listed in it.

An entry identifies a device by what its hardware reports, which only LVM can write. (An entry by
device name is no substitute: LVM 2.03.16 does not find a PV whose name has changed.) But pvcreate
has added the clone's PV to the booted system's file, of which this is a copy. So the booted group's
PVs are removed; if the clone's PV is not listed then, the file is removed: without it LVM sees all
devices, and the clone boots.
"""

import re

from drdwrap.boot.file_kinds.kind import Kind
from drdwrap.boot.references.in_text import Reference, References
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

_ENTRY = re.compile(rb"IDTYPE=.*\bPVID=([A-Za-z0-9]{32})\b")


def mended(text: bytes, references: References) -> bytes | None:
    """Without the entries of the booted group's PVs; None if no entry of the clone's PV remains."""
    of_clone = {
        other.replace(b"-", b"")
        for other in references.replacements.uuids.values()
        if other is not None
    }
    lines = text.split(b"\n")
    kept = [line for line in lines if not _is_booted(line, references)]
    if len(kept) == len(lines):
        return text
    return b"\n".join(kept) if any(_pvid(line) in of_clone for line in kept) else None


def left_in(text: bytes, references: References) -> list[Reference]:
    """The entries of the booted group's PVs. All are mendable: mending removes them."""
    return [
        Reference(number, f"PVID={for_screen(_pvid(line))}", True)
        for number, line in enumerate(lines_of(text), 1)
        if _is_booted(line, references)
    ]


def _is_booted(line: bytes, references: References) -> bool:
    return _pvid(line) in references.replacements.uuids


def _pvid(line: bytes) -> bytes:
    entry = _ENTRY.match(line)
    return entry[1] if entry else b""


KIND = Kind(
    ("etc/lvm/devices/*.devices",),
    "the booted group's PVs are removed from it; without the clone's PV the file is removed",
    mended,
    left_in,
)
