"""UEFI's boot entries: which disk the firmware boots next, and how to choose it: efibootmgr(8)."""

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.linux.block_devices import BlockDevice, Devices

_NEXT = re.compile(r"^BootNext:\s*([0-9A-F]{4})", re.MULTILINE)
_ORDER = re.compile(r"^BootOrder:\s*([0-9A-F]{4}(?:,[0-9A-F]{4})*)", re.MULTILINE)
_ACTIVE = re.compile(r"^Boot([0-9A-F]{4})\*(.*)$", re.MULTILINE)
_PARTITION = re.compile(r"HD\(\d+,GPT,([0-9a-fA-F-]{36})")
_CURRENT = re.compile(r"^BootCurrent:\s*([0-9A-F]{4})", re.MULTILINE)
_ENTRY = re.compile(r"^Boot([0-9A-F]{4})[* ](.*)$", re.MULTILINE)
_FILE = re.compile(r"/(?:File\()?(\\[^)\t\n]*?\.efi)", re.IGNORECASE)


@dataclass(frozen=True)
class BootEntry:
    """An entry. `partuuid` (lower case) and `loader` (`/EFI/debian/grubx64.efi`) are empty if it
    names no file on a partition."""

    partuuid: str
    loader: str


@dataclass(frozen=True)
class BootEntries:
    """All entries by number, in hexadecimal as efibootmgr writes them. `current` was booted, `next`
    is booted once, `order` is tried otherwise."""

    entries: Mapping[str, BootEntry]
    order: tuple[str, ...]
    current: str | None
    next: str | None

    def number_of(self, partuuid: str, loader: str) -> str | None:
        """The entry for this file on this partition, or None."""
        wanted = BootEntry(partuuid.lower(), loader.lower())
        for number, entry in sorted(self.entries.items()):
            if BootEntry(entry.partuuid, entry.loader.lower()) == wanted:
                return number
        return None


def read() -> BootEntries:
    """The entries as they are now. ProgramError."""
    return parse(process.run("efibootmgr", ["-v"]).stdout.decode("utf-8", "replace"))


def parse(said: str) -> BootEntries:
    """The entries that efibootmgr shows."""
    entries = {number: _entry(text) for number, text in _ENTRY.findall(said)}
    order = tuple(n for found in _ORDER.findall(said) for n in found.split(","))
    current, following = _CURRENT.search(said), _NEXT.search(said)
    return BootEntries(
        entries, order, current[1] if current else None, following[1] if following else None
    )


def _entry(text: str) -> BootEntry:
    partition, file = _PARTITION.search(text), _FILE.search(text)
    return BootEntry(
        partition[1].lower() if partition else "", file[1].replace("\\", "/") if file else ""
    )


def create(disk: str, partition: int, label: str, loader: str) -> None:
    """Make an entry that is in no order yet. ProgramError."""
    where = ["--disk", disk, "--part", str(partition), "--label", label]
    path = loader.replace("/", "\\")
    process.run("efibootmgr", ["--quiet", "--create-only", *where, "--loader", path])


def set_next(number: str) -> None:
    """Boot this entry once. ProgramError."""
    process.run("efibootmgr", ["--quiet", "--bootnext", number])


def clear_next() -> None:
    """Boot by the order again. ProgramError."""
    process.run("efibootmgr", ["--quiet", "--delete-bootnext"])


def set_order(numbers: Sequence[str]) -> None:
    """Boot by this order. ProgramError."""
    process.run("efibootmgr", ["--quiet", "--bootorder", ",".join(numbers)])


def next_boot(devices: Devices) -> str | None:
    """The path of the disk that the firmware boots next.

    None if that is not known: with BIOS, without efibootmgr, or if the next boot entry names no
    partition of a disk here.
    """
    if not os.path.isdir("/sys/firmware/efi"):
        return None
    try:
        said = process.run("efibootmgr", ["-v"]).stdout.decode("utf-8", "replace")
    except ProgramError:
        return None
    partition = chosen_partition(said)
    return next((r.path for r in devices.roots if _has(r, partition)), None) if partition else None


def chosen_partition(said: str) -> str | None:
    """The PARTUUID of the EFI system partition that is booted next, from efibootmgr's output; None
    if it names none."""
    entries = dict(_ACTIVE.findall(said))
    order = [*_NEXT.findall(said), *(n for found in _ORDER.findall(said) for n in found.split(","))]
    first = next((entries[number] for number in order if number in entries), "")
    partition = _PARTITION.search(first)
    return partition[1].lower() if partition else None


def _has(root: BlockDevice, partition: str) -> bool:
    return any(device.partuuid.lower() == partition for device in root.family())
