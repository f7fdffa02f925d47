"""Do the newest kernel, its initramfs, its modules and the boot menu agree?"""

import re

from drdwrap.boot.grub_directories import MENUS
from drdwrap.boot.root_files import RootFiles
from drdwrap.checks import Check

_KERNEL = re.compile(rb"(?:vmlinuz|vmlinux)-(\d.*)")
_RESCUE = b"-rescue-"
_ENTRIES = b"boot/loader/entries"
_LOADED = re.compile(rb"^\s*linux(?:16|efi)?\s+(\S+)", re.MULTILINE)
_PARTS = re.compile(rb"(\d+)")


def newest_kernel(files: RootFiles) -> bytes | None:
    """The version of the newest kernel in /boot; None if there is none."""
    found = [_KERNEL.fullmatch(name) for name in files.names(b"boot")]
    versions = [match[1] for match in found if match and _RESCUE not in match[0]]
    return max(versions, key=_order, default=None)


def kernel_checks(root: bytes, *, bootable: bool) -> list[Check]:
    """The checks of the newest kernel on the clone at `root`. Without a kernel there is one check,
    if the clone has to be `bootable`."""
    files = RootFiles(root)
    version = newest_kernel(files)
    if version is None:
        found = "there is none in /boot"
        remedy = "install one: 'drdwrap runcmd -- apt-get install linux-image-amd64', for example"
        return [Check("the clone has a kernel", False, found, remedy)] if bootable else []
    shown = version.decode("utf-8", "replace")
    checks = [_has_modules(files, version, shown)]
    if any(files.has_program(name) for name in (b"update-initramfs", b"dracut")):
        checks.append(_has_initramfs(files, version, shown))
    menus = [menu for menu in MENUS if files.has(menu)]
    if menus or bootable:
        checks.append(_is_in_menu(files, menus, version, shown))
    return checks


def _order(version: bytes) -> list[tuple[int, bytes]]:
    """Sorts 6.1.0-9 before 6.1.0-10."""
    parts = _PARTS.split(version)
    return [(int(part), b"") if part.isdigit() else (-1, part) for part in parts]


def _has_modules(files: RootFiles, version: bytes, shown: str) -> Check:
    return Check(
        "the newest kernel has its modules",
        bool(files.names(b"lib/modules/" + version)),
        shown,
        f"install the kernel's package again, or remove /boot/vmlinuz-{shown} from the clone",
    )


def _has_initramfs(files: RootFiles, version: bytes, shown: str) -> Check:
    names = (b"initrd.img-" + version, b"initramfs-" + version + b".img", b"initrd-" + version)
    debian = files.has_program(b"update-initramfs")
    command = f"update-initramfs -c -k {shown}" if debian else f"dracut --force --kver {shown}"
    return Check(
        "the newest kernel has its initramfs",
        any(files.has(b"boot/" + name) for name in names),
        shown,
        f"'drdwrap runcmd -- {command}'",
    )


def _is_in_menu(files: RootFiles, menus: list[bytes], version: bytes, shown: str) -> Check:
    texts = [files.text(menu) for menu in menus]
    texts += [files.text(_ENTRIES + b"/" + name) for name in files.names(_ENTRIES)]
    kernels = {path.rpartition(b"/")[2] for text in texts for path in _LOADED.findall(text)}
    debian = files.has_program(b"update-grub")
    command = "update-grub" if debian else "grub2-mkconfig -o /boot/grub2/grub.cfg"
    return Check(
        "the newest kernel is in the boot menu",
        bool({b"vmlinuz-" + version, b"vmlinux-" + version} & kernels),
        shown,
        f"'drdwrap runcmd -- {command}'",
    )
