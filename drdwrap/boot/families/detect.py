"""Which family a root is of, and what makes its clone boot."""

from types import ModuleType

from drdwrap.boot.families import debian, red_hat
from drdwrap.boot.families.commands import Bios, BootLoader, Firmware
from drdwrap.boot.families.root import Root
from drdwrap.errors import RefusedError

FAMILIES: tuple[ModuleType, ...] = (debian, red_hat)
"""To add a family, write its file and name it here."""

MACHINES = ("x86_64", "aarch64")


def detect(
    root: bytes, firmware: Firmware, machine: str, *, labels_kept: bool = True
) -> BootLoader:
    """What has to be run on the clone of this root, to boot by this firmware.

    `root` is the booted root or the clone's, with /boot and the ESP; `machine` as uname(2) has it;
    `labels_kept`: whether SELinux's labels came over. RefusedError for what is not known.
    """
    if machine not in MACHINES:
        raise RefusedError(f"how a clone boots is not known for {machine} machines")
    if isinstance(firmware, Bios) and machine != "x86_64":
        raise RefusedError(f"{machine} machines have no BIOS to boot by")
    there = Root(root)
    for family in FAMILIES:
        if family.is_present(there):
            plan: BootLoader = family.plan(there, firmware, machine, labels_kept)
            return plan
    raise RefusedError(
        "this is neither Debian or its like nor Red Hat or its like: how to make its initramfs"
        " and install its boot loader is not known",
        "a clone can be kept with 'layout: directories' on file systems made by hand",
    )
