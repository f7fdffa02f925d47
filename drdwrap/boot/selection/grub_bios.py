"""BIOS: the firmware starts one disk's GRUB, which hands over to the other disk's.

Which disk that is cannot be told from here, so both GRUBs have the same rules (`at_start`).
"""

import os

from drdwrap.boot.selection import custom_cfg
from drdwrap.boot.selection.grub_common import checks_of_menus, side_of
from drdwrap.boot.selection.image import Image
from drdwrap.checks import Check, answered

NAME = "BIOS and GRUB"

_BOOT_CODE = 440
"""Bytes of a disk's first sector before its partition table."""


def is_present() -> bool:
    """Whether the machine was booted this way."""
    return not os.path.isdir("/sys/firmware/efi")


def checks(mine: Image, other: Image) -> list[Check]:
    """See `firmwares.Firmware`."""
    return [
        answered(f"the disk of {one.name} has GRUB", lambda one=one: _has_grub(one))  # type: ignore[misc]
        for one in (mine, other)
    ] + checks_of_menus(mine, other)


def _has_grub(image: Image) -> Check:
    with open(image.disk.path, "rb") as disk:
        code = disk.read(_BOOT_CODE)
    return Check(
        f"the disk of {image.name} has GRUB",
        b"GRUB" in code,
        image.disk.path,
        "another boot loader is not known to drdwrap: choose the disk in the firmware's boot menu,"
        " or install GRUB on it ('grub-install')",
    )


def part(image: Image, counterpart: Image, entry: str) -> str:
    """See `firmwares.Firmware`."""
    return custom_cfg.rendered(side_of(image), side_of(counterpart), entry, firmware_chooses=False)


def prepare(_mine: Image, _other: Image) -> str:
    """Nothing is needed: there are no boot entries."""
    return ""


def choose(_entry: str, *, permanently: bool) -> None:
    """The state is all that GRUB looks at."""


def keep(_mine: Image, _entry: str) -> None:
    """The state is all that GRUB looks at."""
