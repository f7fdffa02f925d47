"""RHEL, its rebuilds, and Fedora: dracut, GRUB 2 with entries in boot/loader/entries, SELinux.

Tested only on made-up roots.
"""

import re

from drdwrap.boot.grub_and_initramfs.command_types import BootCommands, MissingFile
from drdwrap.boot.grub_and_initramfs.firmware import Bios, Firmware, Uefi
from drdwrap.boot.root_files import RootFiles

NAME = "Red Hat"

_MENU = b"/boot/grub2/grub.cfg"
_UEFI = {"x86_64": (b"x64", "x64"), "aarch64": (b"aa64", "aa64")}
_SELINUX_IN_USE = re.compile(rb"^SELINUX=(?:enforcing|permissive)\b", re.MULTILINE)


def is_present(root: RootFiles) -> bool:
    """Whether the root is of this family; the rebuilds of RHEL have this file too."""
    return root.has(b"etc/redhat-release")


def boot_commands(
    root: RootFiles, firmware: Firmware, machine: str, labels_kept: bool
) -> BootCommands:
    """See `families.boot_commands`.

    The boot entries (BLS) with the kernel's arguments are files, and have been mended as such. On
    UEFI the signed shim and GRUB are packaged files on the ESP, and were copied with it:
    grub2-install would replace them with an unsigned GRUB. EFI/BOOT has shim and its fallback,
    which need no entry in the machine's NVRAM.
    """
    commands: list[tuple[bytes, ...]] = [(b"dracut", b"--force", b"--regenerate-all")]
    needed = [(b"dracut", "dracut"), (b"grub2-mkconfig", "grub2-tools")]
    missing: list[MissingFile] = []
    if isinstance(firmware, Bios):
        commands.append((b"grub2-install", b"--target=i386-pc", firmware.disk))
        needed.append((b"grub2-install", "grub2-tools"))
        if not root.has(modules := b"usr/lib/grub/i386-pc/modinfo.sh"):
            missing.append(MissingFile(modules, "grub2-pc-modules"))
        menu = _MENU
    else:
        missing += _on_esp(root, firmware, machine)
        menu = _menu_of_uefi(root, firmware)
    commands.append((b"grub2-mkconfig", b"-o", menu))
    if not labels_kept and _SELINUX_IN_USE.search(root.text(b"etc/selinux/config")):
        commands.append((b"touch", b"/.autorelabel"))
    missing += [
        MissingFile(b"usr/sbin/" + program, package)
        for program, package in needed
        if not root.has_program(program)
    ]
    return BootCommands(NAME, tuple(commands), tuple(missing))


def _vendors(root: RootFiles, firmware: Uefi) -> list[bytes]:
    """The directories with GRUB's configuration: EFI/redhat, EFI/rocky and so on."""
    efi = firmware.esp.strip(b"/") + b"/EFI"
    places = (efi + b"/" + name for name in root.names(efi) if name.upper() != b"BOOT")
    return [place for place in places if root.has(place + b"/grub.cfg")]


def _menu_of_uefi(root: RootFiles, firmware: Uefi) -> bytes:
    """Since RHEL 9 and Fedora 34 the file on the ESP only refers to the menu in /boot/grub2; before
    that it was the menu."""
    for vendor in _vendors(root, firmware):
        if b"/etc/grub.d/" in root.text(vendor + b"/grub.cfg"):
            return b"/" + vendor + b"/grub.cfg"
    return _MENU


def _on_esp(root: RootFiles, firmware: Uefi, machine: str) -> list[MissingFile]:
    suffix, package = _UEFI[machine]
    efi = firmware.esp.strip(b"/") + b"/EFI"
    start = efi + b"/BOOT/BOOT" + suffix.upper() + b".EFI"
    missing = [] if root.has(start) else [MissingFile(start, f"shim-{package}")]
    grub = b"/grub" + suffix + b".efi"
    if not any(root.has(vendor + grub) for vendor in _vendors(root, firmware)):
        missing.append(MissingFile(efi + b"/*" + grub, f"grub2-efi-{package}"))
    return missing
