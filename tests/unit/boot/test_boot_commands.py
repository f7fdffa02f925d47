"""Which commands make a clone boot, by the files on its root."""

import os
from pathlib import Path

import pytest

from drdwrap.boot.grub_and_initramfs.command_types import MissingFile
from drdwrap.boot.grub_and_initramfs.families import boot_commands
from drdwrap.boot.grub_and_initramfs.firmware import Bios, Uefi
from drdwrap.errors import RefusedError

from .conftest import Fill

DISK = Bios(b"/dev/disk/by-id/virtio-CLONE")
ESP = Uefi(b"/boot/efi", b"/dev/disk/by-id/virtio-CLONE-part1")

DEBIAN = {
    "etc/debian_version": "12.7\n",
    "usr/sbin/update-initramfs": "",
    "usr/sbin/grub-install": "",
    "usr/sbin/update-grub": "",
    "usr/lib/grub/i386-pc/modinfo.sh": "",
    "usr/lib/grub/x86_64-efi/modinfo.sh": "",
}
ROCKY = {
    "etc/redhat-release": "Rocky Linux release 9.4 (Blue Onyx)\n",
    "etc/selinux/config": "SELINUX=enforcing\n",
    "usr/bin/dracut": "",
    "usr/sbin/grub2-mkconfig": "",
    "usr/sbin/grub2-install": "",
    "usr/lib/grub/i386-pc/modinfo.sh": "",
    "boot/efi/EFI/BOOT/BOOTX64.EFI": "",
    "boot/efi/EFI/rocky/grubx64.efi": "",
    "boot/efi/EFI/rocky/grub.cfg": "configfile $prefix/grub.cfg\n",
}


def commands(root: bytes, firmware: Bios | Uefi, **options: bool) -> list[bytes]:
    found = boot_commands(root, firmware, "x86_64", **options)
    assert found.missing == ()
    return [b" ".join(command) for command in found.commands]


def test_debian_by_bios(fill: Fill) -> None:
    initramfs, install, remember, menu = commands(fill(DEBIAN), DISK)
    assert initramfs == b"update-initramfs -u -k all"
    assert install == b"grub-install --target=i386-pc /dev/disk/by-id/virtio-CLONE"
    assert remember.endswith(
        b"debconf-set-selections sh grub-pc grub-pc/install_devices /dev/disk/by-id/virtio-CLONE"
    )
    assert menu == b"update-grub"


def test_debian_by_uefi_boots_without_an_entry_in_nvram(fill: Fill) -> None:
    initramfs, no_fallback, install, menu = commands(fill(DEBIAN), ESP)
    assert no_fallback == b"rm -f /boot/efi/EFI/BOOT/fbx64.efi"
    assert install == (
        b"grub-install --target=x86_64-efi --efi-directory=/boot/efi --no-nvram"
        b" --force-extra-removable"
    )
    assert (initramfs, menu) == (b"update-initramfs -u -k all", b"update-grub")


@pytest.mark.parametrize(
    ("machine", "package"), [("x86_64", b"grub-efi-amd64"), ("aarch64", b"grub-efi-arm64")]
)
def test_if_grub_has_a_list_of_esps_the_clones_esp_is_put_on_it(
    fill: Fill, machine: str, package: bytes
) -> None:
    """As in Ubuntu's debconf: otherwise upgrades on the clone would write to the original's ESP."""
    question = "Name: grub-efi/install_devices\nTemplate: grub-efi/install_devices\n"
    asked = f"{question}Value: /dev/disk/by-id/virtio-ORIGINAL-part1\nOwners: grub-efi-amd64\n"
    root = fill(DEBIAN | {"var/cache/debconf/config.dat": f"Name: a/b\n\n{asked}"})
    *_, remember, menu = boot_commands(root, ESP, machine).commands
    assert remember[:2] == (b"sh", b"-c") and b"debconf-set-selections" in remember[2]
    clone = b"/dev/disk/by-id/virtio-CLONE-part1"
    assert remember[4:] == (package, b"grub-efi/install_devices", clone)
    assert menu == (b"update-grub",)


def test_debian_with_dracut(fill: Fill) -> None:
    files = DEBIAN | {"usr/bin/dracut": ""}
    del files["usr/sbin/update-initramfs"]
    assert commands(fill(files), DISK)[0] == b"dracut --force --regenerate-all"


def test_debian_on_arm_names_the_package_that_it_lacks(fill: Fill) -> None:
    found = boot_commands(fill(DEBIAN), ESP, "aarch64")
    assert found.missing == (
        MissingFile(b"usr/lib/grub/arm64-efi/modinfo.sh", "grub-efi-arm64-bin"),
    )
    assert b"--target=arm64-efi" in found.commands[2]


def test_debian_with_nothing_installed(fill: Fill) -> None:
    found = boot_commands(fill({"etc/debian_version": "12\n"}), DISK, "x86_64")
    assert {missing.package for missing in found.missing} == {
        *("initramfs-tools", "grub2-common", "grub-pc-bin"),
    }


def test_programs_are_found_through_links(fill: Fill, tmp_path: Path) -> None:
    """In Fedora 42 usr/sbin is a link, and alternatives are links with absolute targets."""
    files = {name.replace("usr/sbin/", "usr/bin/"): text for name, text in DEBIAN.items()}
    root = fill(files)
    (tmp_path / "root/usr/sbin").symlink_to("bin")
    os.rename(tmp_path / "root/usr/bin/update-grub", tmp_path / "root/usr/bin/real")
    (tmp_path / "root/usr/bin/update-grub").symlink_to("/usr/bin/real")
    assert commands(root, ESP)[-1] == b"update-grub"


def test_red_hat_by_bios(fill: Fill) -> None:
    assert commands(fill(ROCKY), DISK) == [
        b"dracut --force --regenerate-all",
        b"grub2-install --target=i386-pc /dev/disk/by-id/virtio-CLONE",
        b"grub2-mkconfig -o /boot/grub2/grub.cfg",
    ]


def test_red_hat_by_uefi_keeps_the_signed_files_of_its_packages(fill: Fill) -> None:
    assert commands(fill(ROCKY), ESP) == [
        b"dracut --force --regenerate-all",
        b"grub2-mkconfig -o /boot/grub2/grub.cfg",
    ]


def test_red_hat_8_has_its_menu_on_the_esp(fill: Fill) -> None:
    menu = "### BEGIN /etc/grub.d/00_header ###\n"
    files = ROCKY | {"boot/efi/EFI/rocky/grub.cfg": menu}
    assert commands(fill(files), ESP)[-1] == b"grub2-mkconfig -o /boot/efi/EFI/rocky/grub.cfg"


@pytest.mark.parametrize(
    ("mode", "kept", "relabelled"),
    [
        ("enforcing", False, True),
        ("permissive", False, True),
        ("disabled", False, False),
        ("enforcing", True, False),
    ],
)
def test_labels_that_were_not_copied_are_made_again(
    fill: Fill, mode: str, kept: bool, relabelled: bool
) -> None:
    files = ROCKY | {"etc/selinux/config": f"# SELINUX=enforcing\nSELINUX={mode}\n"}
    found = commands(fill(files), DISK, labels_kept=kept)
    assert (b"touch /.autorelabel" in found) is relabelled


def test_red_hat_without_the_files_of_its_packages_on_the_esp(fill: Fill) -> None:
    found = boot_commands(fill({"etc/redhat-release": "Fedora release 40\n"}), ESP, "aarch64")
    assert {missing.package for missing in found.missing} == {
        *("shim-aa64", "grub2-efi-aa64", "dracut", "grub2-tools"),
    }


def test_unknown_machines_and_families_are_refused(fill: Fill) -> None:
    root = fill(DEBIAN)
    with pytest.raises(RefusedError, match="riscv64"):
        boot_commands(root, ESP, "riscv64")
    with pytest.raises(RefusedError, match="no BIOS"):
        boot_commands(root, DISK, "aarch64")
    (Path(os.fsdecode(root)) / "etc/debian_version").unlink()
    with pytest.raises(RefusedError, match="neither a Debian"):
        boot_commands(root, DISK, "x86_64")
