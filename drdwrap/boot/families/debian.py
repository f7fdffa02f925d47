"""Debian, Ubuntu and their like: initramfs-tools (or dracut), grub-install, update-grub."""

from drdwrap.boot.families.commands import Bios, BootLoader, Firmware, Missing
from drdwrap.boot.families.root import Root

NAME = "Debian"

_UEFI = {
    "x86_64": (b"x86_64-efi", "grub-efi-amd64", b"fbx64.efi"),
    "aarch64": (b"arm64-efi", "grub-efi-arm64", b"fbaa64.efi"),
}
_REMEMBER = b'echo "$1 $2 multiselect $3" | debconf-set-selections'
"""What GRUB's packages install it on at their upgrades: without this it would be the original disk,
or its ESP."""
_ESPS = b"grub-efi/install_devices"
_DEBCONF = b"var/cache/debconf/config.dat"


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
    entry to NVRAM. Ubuntu's GRUB has a list of ESPs, each of which it mounts and installs to, where
    Debian's goes by what is mounted: only where debconf has that list it is made the clone's.
    """
    if isinstance(firmware, Bios):
        platform, package = b"i386-pc", "grub-pc-bin"
        install = [
            (b"grub-install", b"--target=i386-pc", firmware.disk),
            _remember(b"grub-pc", b"grub-pc/install_devices", firmware.disk),
        ]
    else:
        platform, owner, fallback = _UEFI[machine]
        package = f"{owner}-bin"
        install = [
            (b"rm", b"-f", firmware.esp.rstrip(b"/") + b"/EFI/BOOT/" + fallback),
            (
                *(b"grub-install", b"--target=" + platform, b"--efi-directory=" + firmware.esp),
                *(b"--no-nvram", b"--force-extra-removable"),
            ),
        ]
        if b"Name: " + _ESPS + b"\n" in root.text(_DEBCONF):
            install.append(_remember(owner.encode(), _ESPS, firmware.partition))
    initramfs, missing = _initramfs(root)
    for program in (b"grub-install", b"update-grub"):
        if not root.has_program(program):
            missing.append(Missing(b"usr/sbin/" + program, "grub2-common"))
    modules = b"usr/lib/grub/" + platform + b"/modinfo.sh"
    if not root.has(modules):
        missing.append(Missing(modules, package))
    return BootLoader(NAME, (initramfs, *install, (b"update-grub",)), tuple(missing))


def _remember(package: bytes, question: bytes, device: bytes) -> tuple[bytes, ...]:
    return (b"sh", b"-c", _REMEMBER, b"sh", package, question, device)


def _initramfs(root: Root) -> tuple[tuple[bytes, ...], list[Missing]]:
    """For all installed kernels."""
    if root.has_program(b"update-initramfs"):
        return (b"update-initramfs", b"-u", b"-k", b"all"), []
    if root.has_program(b"dracut"):
        return (b"dracut", b"--force", b"--regenerate-all"), []
    return (b"update-initramfs", b"-u", b"-k", b"all"), [
        Missing(b"usr/sbin/update-initramfs", "initramfs-tools")
    ]
