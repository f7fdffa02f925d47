"""What must hold for a clone to boot by itself."""

import os

from drdwrap.boot.grub_and_initramfs.families import boot_commands
from drdwrap.boot.leftovers import expected_leftovers
from drdwrap.boot.references.device import Counterpart
from drdwrap.checks import Check
from drdwrap.clone_disk.booted_tree import BootedTree
from drdwrap.clone_disk.counterparts import references_to_booted
from drdwrap.clone_disk.preconditions.programs import missing_programs
from drdwrap.clone_disk.source import Source, clone_firmware
from drdwrap.errors import DrdwrapError
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_PROGRAMS = ("lsblk", "mount", "rsync", "chroot")


def booting_checks(
    source: Source, counterparts: list[Counterpart], group: str, booted: BootedTree
) -> list[Check]:
    """All checks. `group` is the name of the clone's volume group."""
    references = references_to_booted(source, group, counterparts)
    leftovers = expected_leftovers(booted.root, references, booted.is_excluded)
    return [
        *missing_programs(_PROGRAMS),
        *_boot_loader(source, booted.root),
        _kernel(booted.root),
        Check(
            "every reference to the booted disks can name the clone's instead",
            not leftovers,
            "; ".join(map(str, leftovers[:5])),
            "mount the volumes that are to be cloned; remove what is not needed to boot, or mark it"
            " noauto or nofail",
        ),
    ]


def _boot_loader(source: Source, root: bytes) -> list[Check]:
    name = "a clone can be made to boot"
    try:
        commands = boot_commands(root, clone_firmware(source, b""), os.uname().machine)
    except DrdwrapError as error:
        return [Check(name, False, error.message, error.hint)]
    lacking = [
        Check(f"/{for_screen(missing.path)} exists", False, "", f"install {missing.package}")
        for missing in commands.missing
    ]
    return [Check(name, True, f"as on {commands.family}"), *lacking]


def _kernel(root: bytes) -> Check:
    """Whether there is a kernel. (There is none if /boot is not mounted, or is a subvolume.)"""
    try:
        names = os.listdir(absolute(root, b"boot"))
    except OSError:
        names = []
    found = sorted(name for name in names if name.startswith((b"vmlinuz", b"vmlinux", b"Image")))
    return Check(
        "there is a kernel in /boot",
        bool(found),
        ", ".join(for_screen(name) for name in found[:3]) or "none found there",
        "mount /boot (a whole file system, not a subvolume)",
    )
