"""Make the unpacked packages a system that boots, and that ssh and Vagrant can enter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vagrant.box import loader
from vagrant.box.disk import Disk
from vagrant.box.recipe import VOLUME_GROUP, Recipe
from vagrant.box.run import run

_FSTAB = "{source} {point} {kind} {options} 0 {order}\n"
_OPTIONS = {"swap": "sw", "vfat": "umask=0077"}

_INTERFACES = """\
auto lo eth0
iface lo inet loopback
iface eth0 inet dhcp
"""

# GRUB's graphical terminal, its choice otherwise, does not come to an end where there is no screen.
_DEFAULT_GRUB = """\
GRUB_TIMEOUT=0
GRUB_TERMINAL=console
GRUB_CMDLINE_LINUX="{command_line}"
"""

_SSHD = """\
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
"""

# Made in a machine, an initramfs with all the drivers there are takes four times as long.
_INITRAMFS = """\
MODULES=list
COMPRESS=zstd
COMPRESSLEVEL=1
"""
_DRIVERS = "virtio_pci\nvirtio_blk\next4\nxfs\ndm_thin_pool\n"

# What udev would load for the emulated machine's parts that nothing here uses: a tenth of a boot.
_UNUSED = """
    aesni_intel crc32_pclmul crct10dif_pclmul ghash_clmulni_intel sha1_ssse3 sha256_ssse3
    sha512_ssse3 kvm_amd kvm_intel ata_generic ata_piix efi_pstore serio_raw
""".split()

# udev activates a volume group at one event of its disk. Emulated, beside other work, that has been
# seen to fail, and the boot to wait forever: here it is tried again. (The initramfs waits for half
# a minute in all, first for swap and then for the root.)
_ACTIVATE = """\
#!/bin/sh
case $1 in
/dev/mapper/*) ;;
*) exit 0 ;;
esac
read -r seconds _ </proc/uptime
[ ! -e "$1" ] && [ "${seconds%%.*}" -ge 20 ] || exit 0
volume=${1#/dev/mapper/}
lvm vgchange -ay "${volume%%-*}"
"""

_SILENCED = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer e2scrub_all.timer
    e2scrub_reap.service fstrim.timer logrotate.timer man-db.timer
""".split()


def configure(disk: Disk, recipe: Recipe, public_key: str) -> None:
    """Write what makes this box this box, then its initramfs and boot loader. BuildError."""
    root = disk.root
    _write(root / "etc/hostname", f"{recipe.name}\n")
    _write(root / "etc/hosts", f"127.0.0.1 localhost\n127.0.1.1 {recipe.name}\n")
    _write(root / "etc/network/interfaces", _INTERFACES)
    _write(root / "etc/fstab", _fstab(disk))
    _write(root / "etc/default/grub", _DEFAULT_GRUB.format(command_line=loader.COMMAND_LINE))
    _write(root / "etc/initramfs-tools/conf.d/resume", f"RESUME=/dev/mapper/{VOLUME_GROUP}-swap\n")
    _write(root / "etc/initramfs-tools/conf.d/lab", _INITRAMFS)
    _write(root / "etc/initramfs-tools/modules", _DRIVERS)
    _write(root / "etc/initramfs-tools/scripts/local-block/activate", _ACTIVATE, 0o755)
    blacklist = "".join(f"blacklist {name}\n" for name in _UNUSED)
    _write(root / "etc/modprobe.d/lab.conf", blacklist)
    _write(root / "etc/ssh/sshd_config.d/lab.conf", _SSHD)
    _write(root / "etc/sudoers.d/vagrant", "vagrant ALL=(ALL) NOPASSWD: ALL\n", 0o440)
    if recipe.init == "sysvinit":
        with (root / "etc/inittab").open("a") as inittab:
            inittab.write("T0:23:respawn:/sbin/getty -L ttyS0 115200 vt100\n")
    else:
        for unit in _SILENCED:
            (root / "etc/systemd/system" / unit).symlink_to("/dev/null")
    with _chroot(root) as enter:
        enter("useradd", "--create-home", "--shell", "/bin/bash", "vagrant")
        for home in ("root", "home/vagrant"):
            _write(root / home / ".ssh/authorized_keys", public_key, 0o600)
        enter("chown", "-R", "vagrant:vagrant", "/home/vagrant")
        enter("ssh-keygen", "-A")
        enter("update-initramfs", "-c", "-k", "all")
        loader.install(disk, recipe)


def _fstab(disk: Disk) -> str:
    return "".join(
        _FSTAB.format(
            source=one.source,
            point=one.mount_point or "none",
            kind=one.kind,
            options=_OPTIONS.get(one.kind, "defaults"),
            order=1 if one.mount_point == "/" else 2 if one.kind in ("ext4", "vfat") else 0,
        )
        for one in sorted(disk.file_systems, key=lambda one: one.mount_point or "~")
    )


def _write(path: Path, text: str, mode: int = 0o644) -> None:
    path.parent.mkdir(mode=0o700 if path.parent.name == ".ssh" else 0o755, exist_ok=True)
    path.unlink(missing_ok=True)
    path.write_text(text)
    path.chmod(mode)


class _Enter:
    """Runs a program in the tree, with the kernel's file systems around it."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def __call__(self, *arguments: str) -> str:
        return run("chroot", self._root, *arguments)


@contextmanager
def _chroot(root: Path) -> Iterator[_Enter]:
    with ExitStack() as opened:
        for name in ("dev", "proc", "sys"):
            run("mount", "--bind", f"/{name}", root / name)
            opened.callback(run, "umount", root / name)
        yield _Enter(root)
