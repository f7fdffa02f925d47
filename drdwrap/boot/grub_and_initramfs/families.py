"""Which families of distributions there are, and which commands make a clone of a root boot."""

from types import ModuleType

from drdwrap.boot.grub_and_initramfs import debian, red_hat
from drdwrap.boot.grub_and_initramfs.command_types import BootCommands
from drdwrap.boot.grub_and_initramfs.firmware import Bios, Firmware
from drdwrap.boot.root_files import RootFiles
from drdwrap.errors import RefusedError

FAMILIES: tuple[ModuleType, ...] = (debian, red_hat)
"""To add a family, write its module and add it here."""

MACHINES = ("x86_64", "aarch64")


def boot_commands(
    root: bytes, firmware: Firmware, machine: str, *, labels_kept: bool = True
) -> BootCommands:
    """The commands to run on the clone of this root, so that it boots by this firmware.

    `root` is the booted root or the clone's, with /boot and the ESP; `machine` is as in uname(2);
    `labels_kept`: whether SELinux labels were copied. RefusedError for an unknown machine or
    family.
    """
    if machine not in MACHINES:
        raise RefusedError(f"drdwrap does not know how {machine} machines boot")
    if isinstance(firmware, Bios) and machine != "x86_64":
        raise RefusedError(f"{machine} machines have no BIOS to boot by")
    files = RootFiles(root)
    for family in FAMILIES:
        if family.is_present(files):
            commands: BootCommands = family.boot_commands(files, firmware, machine, labels_kept)
            return commands
    raise RefusedError(
        "this is neither a Debian nor a Red Hat system: drdwrap does not know how to build its"
        " initramfs and install its boot loader",
        "make the clone's file systems by hand, and set 'layout: directories'",
    )
