"""Debian, Ubuntu and derivatives: initramfs-tools (or dracut), grub-install, update-grub."""

from drdwrap.boot.grub_and_initramfs.command_types import BootCommands, MissingFile
from drdwrap.boot.grub_and_initramfs.firmware import Bios, Firmware
from drdwrap.boot.root_files import RootFiles

NAME = "Debian"

_UEFI = {
    "x86_64": (b"x86_64-efi", "grub-efi-amd64", b"fbx64.efi"),
    "aarch64": (b"arm64-efi", "grub-efi-arm64", b"fbaa64.efi"),
}
_REMEMBER = b'echo "$1 $2 multiselect $3" | debconf-set-selections'
"""Tells GRUB's packages where to install GRUB when they are upgraded: otherwise it would be the
original disk or its ESP."""
_ESPS = b"grub-efi/install_devices"
_DEBCONF = b"var/cache/debconf/config.dat"


def is_present(root: RootFiles) -> bool:
    """Whether the root is of this family."""
    return root.has(b"etc/debian_version")


def boot_commands(
    root: RootFiles, firmware: Firmware, machine: str, labels_kept: bool
) -> BootCommands:
    """See `families.boot_commands`. (Labels are ignored: by default these systems have no SELinux.)

    On UEFI, grub-install also installs to EFI/BOOT, where firmware without a boot entry looks, and
    leaves the machine's NVRAM alone. `--removable` would put GRUB's configuration in EFI/BOOT only,
    while the signed GRUB reads the one in EFI/<distributor>, wherever it was started from. shim's
    fallback program, which may have been copied from the original's ESP, is removed: beside shim in
    EFI/BOOT it would start instead of GRUB, and write an entry to NVRAM. Ubuntu's GRUB mounts each
    ESP of a list and installs to it; Debian's uses the mounted ESP. So the list is set to the
    clone's ESP only if debconf has it.
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
            missing.append(MissingFile(b"usr/sbin/" + program, "grub2-common"))
    modules = b"usr/lib/grub/" + platform + b"/modinfo.sh"
    if not root.has(modules):
        missing.append(MissingFile(modules, package))
    return BootCommands(NAME, (initramfs, *install, (b"update-grub",)), tuple(missing))


def _remember(package: bytes, question: bytes, device: bytes) -> tuple[bytes, ...]:
    return (b"sh", b"-c", _REMEMBER, b"sh", package, question, device)


def _initramfs(root: RootFiles) -> tuple[tuple[bytes, ...], list[MissingFile]]:
    """The command for all installed kernels, and what it lacks."""
    if root.has_program(b"update-initramfs"):
        return (b"update-initramfs", b"-u", b"-k", b"all"), []
    if root.has_program(b"dracut"):
        return (b"dracut", b"--force", b"--regenerate-all"), []
    return (b"update-initramfs", b"-u", b"-k", b"all"), [
        MissingFile(b"usr/sbin/update-initramfs", "initramfs-tools")
    ]
