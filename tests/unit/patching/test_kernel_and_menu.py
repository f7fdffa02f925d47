"""What the checks after a command say of kernels, on made-up roots."""

from __future__ import annotations

from pathlib import Path

import pytest

from drdwrap.patching.checks.kernel_and_menu import kernel_checks
from drdwrap.patching.checks.room_on_boot import room_on_boot

MENU = "menuentry 'x' {{\n\tlinux\t/vmlinuz-{0} root=/dev/mapper/drd00-root ro\n}}\n"


def install(root: Path, version: str, *, initramfs: bool = True, modules: bool = True) -> None:
    for name in ("boot/grub", "usr/sbin", *([f"lib/modules/{version}/kernel"] if modules else [])):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "usr/sbin/update-initramfs").touch()
    (root / "usr/sbin/update-grub").touch()
    (root / f"boot/vmlinuz-{version}").touch()
    if initramfs:
        (root / f"boot/initrd.img-{version}").touch()


def failed(root: Path, *, bootable: bool = True) -> dict[str, str]:
    checks = kernel_checks(bytes(root), bootable=bootable)
    return {check.name: f"{check.found}: {check.remedy}" for check in checks if not check.ok}


def test_all_is_well(tmp_path: Path) -> None:
    install(tmp_path, "6.1.0-9-amd64", initramfs=False)  # an older one does not count
    install(tmp_path, "6.1.0-10-amd64")
    (tmp_path / "boot/grub/grub.cfg").write_text(MENU.format("6.1.0-10-amd64"))
    assert failed(tmp_path) == {}
    assert all(check.ok for check in room_on_boot(bytes(tmp_path)))


@pytest.mark.parametrize(
    ("lacking", "name", "remedy"),
    [
        ("initramfs", "the newest kernel has its initramfs", "update-initramfs -c -k 6.1.0-10"),
        ("modules", "the newest kernel has its modules", "install the kernel's package again"),
        ("menu", "the newest kernel is in the boot menu", "runcmd -- update-grub'"),
    ],
)
def test_what_is_missing_is_named(tmp_path: Path, lacking: str, name: str, remedy: str) -> None:
    install(tmp_path, "6.1.0-10", initramfs=lacking != "initramfs", modules=lacking != "modules")
    # The menu may have the kernel in a comment, or an older one that begins alike.
    menu = "# vmlinuz-6.1.0-10\n" + MENU.format("6.1.0-1" if lacking == "menu" else "6.1.0-10")
    (tmp_path / "boot/grub/grub.cfg").write_text(menu)
    found = failed(tmp_path)
    assert list(found) == [name]
    assert found[name].startswith("6.1.0-10: ") and remedy in found[name]


def test_entries_of_the_boot_loader_specification_count(tmp_path: Path) -> None:
    (tmp_path / "boot/loader/entries").mkdir(parents=True)
    (tmp_path / "usr/lib/modules/5.14.0-1.el9/kernel").mkdir(parents=True)
    (tmp_path / "lib").symlink_to("usr/lib")
    for name in ("vmlinuz-5.14.0-1.el9", "vmlinuz-0-rescue-abc", "initramfs-5.14.0-1.el9.img"):
        (tmp_path / "boot" / name).touch()
    entry = tmp_path / "boot/loader/entries/abc.conf"
    assert list(failed(tmp_path)) == ["the newest kernel is in the boot menu"]
    entry.write_text("title x\nlinux /vmlinuz-5.14.0-1.el9\n")
    assert failed(tmp_path) == {}


def test_without_a_kernel(tmp_path: Path) -> None:
    assert failed(tmp_path, bootable=False) == {}
    assert list(failed(tmp_path)) == ["the clone has a kernel"]
