"""UEFI: each image has a boot entry. A trial is BootNext, a choice for good is the first place in
BootOrder. GRUB only bounds a trial.

The entry is made with --create-only and put last in BootOrder: some firmware overwrites entries
that are not in it (fwupdate#55). Everything is read back, since firmware drops what it dislikes.
"""

import os
import re
from dataclasses import replace

from drdwrap.boot.root_files import RootFiles
from drdwrap.boot.selection import custom_cfg
from drdwrap.boot.selection.grub_common import checks_of_menus, side_of
from drdwrap.boot.selection.image import Image
from drdwrap.checks import Check
from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import efibootmgr
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

NAME = "UEFI and GRUB"

_LOADERS = ("shimx64.efi", "grubx64.efi", "shimaa64.efi", "grubaa64.efi")
_REMOVABLE = ("BOOTX64.EFI", "BOOTAA64.EFI")
_NOTHING_CHANGED = "the next boot is as before"


def is_present() -> bool:
    """Whether the machine was booted this way."""
    return os.path.isdir("/sys/firmware/efi")


def checks(mine: Image, other: Image) -> list[Check]:
    """See `firmwares.Firmware`."""
    loader = loader_of(other)
    try:
        efibootmgr.read()
        readable = Check("the boot entries can be read", True, "by efibootmgr")
    except DrdwrapError as error:
        readable = Check("the boot entries can be read", False, error.message, error.hint)
    return [
        readable,
        Check(
            f"{other.name} has a boot loader on its ESP",
            loader is not None,
            loader or "its EFI system partition is not there, or has none that drdwrap knows",
            "choose its disk in the firmware's boot menu; 'grub-install' on it makes one",
        ),
        Check(
            f"{other.name} can set the boot order",
            RootFiles(other.root).has_program(b"efibootmgr"),
            "efibootmgr is not installed on it",
            "install efibootmgr there ('drdwrap mount --for-patching', then chroot)",
        ),
        *checks_of_menus(mine, other),
    ]


def loader_of(image: Image) -> str | None:
    """The path of the boot loader on the image's ESP (`/EFI/debian/grubx64.efi`), or None.

    The distribution's own is preferred: beside the one in EFI/BOOT may be shim's fallback program,
    which writes entries of its own and resets.
    """
    if image.esp is None:
        return None
    efi = absolute(absolute(image.root, image.esp_point), b"EFI")
    found = _names(efi)
    for vendor in sorted(name for name in found if name.upper() != "BOOT"):
        names = {name.lower(): name for name in _names(absolute(efi, os.fsencode(vendor)))}
        for loader in _LOADERS:
            if loader in names:
                return f"/EFI/{vendor}/{names[loader]}"
    for boot in (name for name in found if name.upper() == "BOOT"):
        names = {name.upper(): name for name in _names(absolute(efi, os.fsencode(boot)))}
        for loader in _REMOVABLE:
            if loader in names:
                return f"/EFI/{boot}/{names[loader]}"
    return None


def _names(directory: bytes) -> list[str]:
    try:
        return [os.fsdecode(name) for name in os.listdir(directory)]
    except OSError:
        return []


def part(image: Image, counterpart: Image, entry: str) -> str:
    """See `firmwares.Firmware`."""
    mine, other = side_of(image), side_of(counterpart)
    loader = loader_of(counterpart)
    if other and counterpart.esp and loader:
        other = replace(other, esp=counterpart.esp.uuid, loader=loader)
    else:
        other = None
    return custom_cfg.rendered(mine, other, entry, firmware_chooses=True)


def prepare(_mine: Image, other: Image) -> str:
    """Make the other image's entry unless it is there, last in BootOrder. Returns its number."""
    assert other.esp is not None
    loader = loader_of(other)
    assert loader is not None
    found = efibootmgr.read()
    number = found.number_of(other.esp.partuuid, loader)
    if number is None:
        _written(
            lambda: efibootmgr.create(
                other.disk.path, _partition(other), f"drdwrap {other.name}", loader
            )
        )
        found = efibootmgr.read()
        number = found.number_of(other.esp.partuuid, loader)
        if number is None:
            raise DrdwrapError(
                f"the firmware did not keep a boot entry for {other.name}", _NOTHING_CHANGED
            )
    if number not in found.order:
        order = [*found.order, number]
        _written(lambda: efibootmgr.set_order(order))
        _read_back("the boot order", efibootmgr.read().order == tuple(order))
    return number


def choose(entry: str, *, permanently: bool) -> None:
    """See `firmwares.Firmware`."""
    if permanently:
        order = [entry, *(number for number in efibootmgr.read().order if number != entry)]
        _written(lambda: efibootmgr.set_order(order))
        _read_back("the boot order", efibootmgr.read().order == tuple(order))
    else:
        _written(lambda: efibootmgr.set_next(entry))
        _read_back("the entry for the next boot", efibootmgr.read().next == entry)


def keep(mine: Image, entry: str) -> None:
    """See `firmwares.Firmware`."""
    found = efibootmgr.read()
    if found.next is not None and found.next == entry:
        _written(efibootmgr.clear_next)
        _read_back("the entry for the next boot", efibootmgr.read().next is None)
    if entry and found.order[:1] == (entry,):
        own = mine.esp and next(
            (n for n, e in found.entries.items() if e.partuuid == mine.esp.partuuid.lower()), None
        )
        first = own or found.current
        if first is None or first == entry:
            raise DrdwrapError(
                f"the boot entry of {mine.name} is not known",
                "put it first with 'efibootmgr -o'",
            )
        order = [first, *(number for number in found.order if number != first)]
        _written(lambda: efibootmgr.set_order(order))
        _read_back("the boot order", efibootmgr.read().order == tuple(order))


def _written(write: object) -> None:
    """Run what writes to NVRAM. DrdwrapError, with what to do if it is full."""
    assert callable(write)
    try:
        write()
    except ProgramError as error:
        full = re.search(r"No space left|ENOSPC", error.message)
        raise DrdwrapError(
            f"the firmware's memory for boot entries is full: {error.message}"
            if full
            else f"the firmware did not take it: {error.message}",
            f"{_NOTHING_CHANGED}; remove old dumps (/sys/firmware/efi/efivars/dump-type0-*) or"
            " unused entries ('efibootmgr -B -b NUMBER')"
            if full
            else _NOTHING_CHANGED,
        ) from error


def _read_back(what: str, is_right: bool) -> None:
    if not is_right:
        raise DrdwrapError(f"the firmware did not keep {what}", _NOTHING_CHANGED)


def _partition(image: Image) -> int:
    """The number of the ESP on its disk."""
    assert image.esp is not None
    number = re.search(r"(\d+)$", image.esp.path)
    if number is None:
        raise DrdwrapError(f"{for_screen(os.fsencode(image.esp.path))} has no partition number")
    return int(number[1])
