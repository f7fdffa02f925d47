"""GRUB, and what it boots."""

from __future__ import annotations

from pathlib import Path

from vagrant.box.disk import ESP, Disk
from vagrant.box.recipe import VOLUME_GROUP, Recipe
from vagrant.box.run import run

# One interface with a name known beforehand; the console is what a failed test shows. Software
# emulation translates a program again for every address it is loaded at: where libraries lie at
# random, each process is translated from scratch, and an initramfs takes 2.5 times as long to make.
COMMAND_LINE = "net.ifnames=0 console=tty0 console=ttyS0,115200 norandmaps"

_CONFIGURATION = """\
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=0
menuentry "Debian" {{
    insmod part_{label}
    insmod ext2
    search --no-floppy --fs-uuid --set=root {boot_uuid}
    linux /{kernel} root=/dev/mapper/{group}-root ro {command_line}
    initrd /{initrd}
}}
"""

_EARLY = """\
search.fs_uuid {boot_uuid} root
set prefix=($root)/grub
"""


def install(disk: Disk, recipe: Recipe) -> None:
    """Install GRUB for the recipe's firmware, and its configuration. BuildError."""
    if recipe.firmware == "uefi":
        _uefi(disk)
    else:
        # /boot is on a loop device of its own: GRUB does not see that it lies in a partition.
        target = ("--target=i386-pc", "--boot-directory=/boot", "--modules=part_msdos")
        run("chroot", disk.root, "grub-install", *target, disk.device)
    (kernel,) = (disk.root / "boot").glob("vmlinuz-*")
    (disk.root / "boot/grub/grub.cfg").write_text(
        _CONFIGURATION.format(
            label="gpt" if recipe.firmware == "uefi" else "msdos",
            boot_uuid=disk.at("/boot").uuid,
            kernel=kernel.name,
            initrd=kernel.name.replace("vmlinuz", "initrd.img"),
            group=VOLUME_GROUP,
            command_line=COMMAND_LINE,
        )
    )


def _uefi(disk: Disk) -> None:
    """What `grub-install --removable` does, but without a mounted ESP.

    The file that firmware starts from any disk, without an entry of its own in the firmware.
    """
    grub = disk.root / "boot/grub"
    grub.mkdir(exist_ok=True)
    run("cp", "-R", disk.root / "usr/lib/grub/x86_64-efi", grub)
    (grub / "early.cfg").write_text(_EARLY.format(boot_uuid=disk.at("/boot").uuid))
    image = Path("/boot/grub/BOOTX64.EFI")
    modules = ("part_gpt", "ext2", "search_fs_uuid", "normal")
    run(
        "chroot", disk.root, "grub-mkimage", "--format=x86_64-efi", "--prefix=/grub",
        "--config=/boot/grub/early.cfg", "--output", image, *modules,
    )  # fmt: skip
    esp = f"{disk.image}@@{disk.at(ESP).place.offset}"
    run("mmd", "-i", esp, "::/EFI", "::/EFI/BOOT")
    run("mcopy", "-i", esp, disk.root / image.relative_to("/"), "::/EFI/BOOT/BOOTX64.EFI")
    (disk.root / image.relative_to("/")).unlink()
    (grub / "early.cfg").unlink()
