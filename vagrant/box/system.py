"""Make the unpacked packages a system that boots, and that ssh and Vagrant can enter."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from vagrant.box.disk import Disk
from vagrant.box.recipe import VOLUME_GROUP, Recipe
from vagrant.box.run import run

# One interface with a name known beforehand; the console is what a failed test shows.
_COMMAND_LINE = "net.ifnames=0 console=tty0 console=ttyS0,115200"

_GRUB = """\
serial --unit=0 --speed=115200
terminal_input console serial
terminal_output console serial
set timeout=0
menuentry "Debian" {{
    insmod part_msdos
    insmod ext2
    search --no-floppy --fs-uuid --set=root {boot_uuid}
    linux /{kernel} root=/dev/mapper/{group}-root ro {command_line}
    initrd /{initrd}
}}
"""

_FSTAB = "{source} {point} {kind} {options} 0 {order}\n"

_INTERFACES = """\
auto lo eth0
iface lo inet loopback
iface eth0 inet dhcp
"""

_SSHD = """\
PermitRootLogin prohibit-password
PasswordAuthentication no
UseDNS no
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
    _write(root / "etc/fstab", _fstab(disk, recipe))
    _write(root / "etc/default/grub", f'GRUB_TIMEOUT=0\nGRUB_CMDLINE_LINUX="{_COMMAND_LINE}"\n')
    _write(root / "etc/initramfs-tools/conf.d/resume", f"RESUME=/dev/mapper/{VOLUME_GROUP}-swap\n")
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
        enter("update-initramfs", "-u", "-k", "all")
        # /boot is on a loop device of its own: GRUB does not see that it lies in a partition.
        modules = "--modules=part_msdos"
        enter("grub-install", "--target=i386-pc", "--boot-directory=/boot", modules, disk.device)
    (kernel,) = (root / "boot").glob("vmlinuz-*")
    initrd = kernel.name.replace("vmlinuz", "initrd.img")
    _write(
        root / "boot/grub/grub.cfg",
        _GRUB.format(
            boot_uuid=disk.boot_uuid,
            kernel=kernel.name,
            initrd=initrd,
            group=VOLUME_GROUP,
            command_line=_COMMAND_LINE,
        ),
    )


def _fstab(disk: Disk, recipe: Recipe) -> str:
    lines = [
        _FSTAB.format(
            source=f"UUID={disk.boot_uuid}", point="/boot", kind="ext4", options="defaults", order=2
        )
    ]
    for volume in recipe.volumes:
        swap = not volume.mount_point
        lines.append(
            _FSTAB.format(
                source=f"/dev/mapper/{VOLUME_GROUP}-{volume.name}",
                point=volume.mount_point or "none",
                kind="swap" if swap else "ext4",
                options="sw" if swap else "defaults",
                order=0 if swap else 1 if volume.mount_point == "/" else 2,
            )
        )
    return "".join(lines)


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
