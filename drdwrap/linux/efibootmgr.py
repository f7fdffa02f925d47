"""Which disk the firmware boots next, as far as UEFI tells (efibootmgr(8))."""

import os
import re

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.linux.block_devices import BlockDevice, Devices

_NEXT = re.compile(r"^BootNext:\s*([0-9A-F]{4})", re.MULTILINE)
_ORDER = re.compile(r"^BootOrder:\s*([0-9A-F]{4}(?:,[0-9A-F]{4})*)", re.MULTILINE)
_ACTIVE = re.compile(r"^Boot([0-9A-F]{4})\*(.*)$", re.MULTILINE)
_PARTITION = re.compile(r"HD\(\d+,GPT,([0-9a-fA-F-]{36})")


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
