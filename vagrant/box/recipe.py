"""What the boxes are made of. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

SUITE = "bookworm"
VOLUME_GROUP = "vg00"

_SYSTEM = """
    linux-image-cloud-amd64 initramfs-tools udev lvm2 e2fsprogs xfsprogs kmod fdisk
    grub2-common grub-pc-bin
    ifupdown isc-dhcp-client iproute2 openssh-server sudo
    less procps psmisc acl attr libcap2-bin rsync cron logrotate
""".split()

# What drdwrap runs on; its own wheel, and sh (Debian's is too old), are installed by the tests.
_PYTHON = """
    python3 python3-pip python3-click python3-jinja2 python3-jsonschema python3-rich python3-yaml
""".split()

_INIT = {
    "systemd": ("systemd-sysv", "dbus", "libpam-systemd"),
    "sysvinit": ("sysvinit-core", "initscripts", "insserv", "startpar", "orphan-sysvinit-scripts"),
}


@dataclass(frozen=True)
class LogicalVolume:
    """One LV of the root volume group; `mount_point` is "" for swap, `size` is in MiB."""

    name: str
    mount_point: str
    size: int


@dataclass(frozen=True)
class Recipe:
    """One box. `boot_size` is the partition for /boot, before the physical volume, in MiB."""

    name: str
    init: str
    volumes: tuple[LogicalVolume, ...] = (
        LogicalVolume("root", "/", 2048),
        LogicalVolume("var", "/var", 768),
        LogicalVolume("home", "/home", 128),
        LogicalVolume("swap", "", 128),
    )
    boot_size: int = 256

    @property
    def packages(self) -> tuple[str, ...]:
        """Names of Debian packages; their dependencies come with them."""
        return (*_SYSTEM, *_PYTHON, *_INIT[self.init])

    @property
    def disk_size(self) -> int:
        """MiB; some extents stay free."""
        return self.boot_size + sum(volume.size for volume in self.volumes) + 128


RECIPES = (
    Recipe("debian12-systemd", "systemd"),
    Recipe("debian12-sysvinit", "sysvinit"),
)
