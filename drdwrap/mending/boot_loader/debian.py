"""Debian, Ubuntu and their like: initramfs-tools (or dracut), grub-install, update-grub."""

from drdwrap.mending.boot_loader.plan import Bios, BootLoader, Firmware, Missing
from drdwrap.mending.boot_loader.root import Root

NAME = "Debian"

_UEFI = {
    "x86_64": (b"x86_64-efi", "grub-efi-amd64-bin", b"fbx64.efi"),
    "aarch64": (b"arm64-efi", "grub-efi-arm64-bin", b"fbaa64.efi"),
}
# What grub-pc installs itself on at its upgrades: without this it would be the original disk.
_REMEMBER_DISK = b'echo "grub-pc grub-pc/install_devices multiselect $1" | debconf-set-selections'


def is_present(root: Root) -> bool:
    """Whether the root is of this family."""
    return root.has(b"etc/debian_version")


def plan(root: Root, firmware: Firmware, machine: str, labels_kept: bool) -> BootLoader:
    """See `detect`. (Labels are not looked at: SELinux is not what these systems are set up with.)

    On UEFI, grub-install is told to install to EFI/BOOT as well, where firmware looks that knows
    of no entry, and to leave the machine's NVRAM alone. `--removable` would put GRUB's
    configuration in EFI/BOOT alone, while the signed GRUB reads that of EFI/<distributor>, wherever
    it was started from. shim's fallback program, which may have come with the files of the
    original's ESP, goes: beside shim in EFI/BOOT it would be started in GRUB's place, and write an
    entry to NVRAM.
    """
    if isinstance(firmware, Bios):
        platform, package = b"i386-pc", "grub-pc-bin"
        install = [
            (b"grub-install", b"--target=i386-pc", firmware.disk),
            (b"sh", b"-c", _REMEMBER_DISK, b"sh", firmware.disk),
        ]
    else:
        platform, package, fallback = _UEFI[machine]
        install = [
            (b"rm", b"-f", firmware.esp.rstrip(b"/") + b"/EFI/BOOT/" + fallback),
            (
                *(b"grub-install", b"--target=" + platform, b"--efi-directory=" + firmware.esp),
                *(b"--no-nvram", b"--force-extra-removable"),
            ),
        ]
    initramfs, missing = _initramfs(root)
    for program, owner in ((b"grub-install", "grub2-common"), (b"update-grub", "grub2-common")):
        if not root.has_program(program):
            missing.append(Missing(b"usr/sbin/" + program, owner))
    modules = b"usr/lib/grub/" + platform + b"/modinfo.sh"
    if not root.has(modules):
        missing.append(Missing(modules, package))
    return BootLoader(NAME, (initramfs, *install, (b"update-grub",)), tuple(missing))


def _initramfs(root: Root) -> tuple[tuple[bytes, ...], list[Missing]]:
    """For all installed kernels."""
    if root.has_program(b"update-initramfs"):
        return (b"update-initramfs", b"-u", b"-k", b"all"), []
    if root.has_program(b"dracut"):
        return (b"dracut", b"--force", b"--regenerate-all"), []
    return (b"update-initramfs", b"-u", b"-k", b"all"), [
        Missing(b"usr/sbin/update-initramfs", "initramfs-tools")
    ]
