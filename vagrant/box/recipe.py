"""What the boxes are made of. Pure data."""

from __future__ import annotations

from dataclasses import dataclass

SUITE = "bookworm"
VOLUME_GROUP = "vg00"

# With GRUB for either firmware, so that boxes of both are made from the same unpacked packages.
_SYSTEM = """
    linux-image-cloud-amd64 initramfs-tools zstd udev kmod
    grub2-common grub-pc-bin grub-efi-amd64-bin efibootmgr
    lvm2 thin-provisioning-tools cryptsetup-bin e2fsprogs xfsprogs dosfstools fdisk
    ifupdown isc-dhcp-client iproute2 openssh-server sudo
    less procps psmisc acl attr libcap2-bin rsync cron logrotate sqlite3
""".split()

# What drdwrap runs on; its own wheel, and sh (Debian's is too old), are installed by the tests, by
# a program for just that: pip takes half a minute here, and is every sixth file with what it needs.
_PYTHON = """
    python3 python3-installer
    python3-click python3-jinja2 python3-jsonschema python3-rich python3-yaml
""".split()

_INIT = {
    "systemd": ("systemd-sysv", "dbus", "libpam-systemd"),
    "sysvinit": ("sysvinit-core", "initscripts", "insserv", "startpar", "orphan-sysvinit-scripts"),
}


POOL_SPARE, POOL_METADATA = 64, 4
"""MiB that a thin volume's pool has beside the volume: data not used yet, and its metadata."""


@dataclass(frozen=True)
class LogicalVolume:
    """One LV of the root volume group, `size` in MiB. Swap has no mount point.

    A thin one lies in a pool of its own, named after it.
    """

    name: str
    mount_point: str
    size: int
    kind: str = "ext4"
    thin: bool = False


@dataclass(frozen=True)
class Recipe:
    """One box. /boot has a partition before the physical volume, under UEFI the ESP another.

    `programs` are packages that it has beside those that all boxes have. Sizes in MiB.
    """

    name: str
    init: str
    firmware: str = "bios"
    volumes: tuple[LogicalVolume, ...] = (
        LogicalVolume("root", "/", 2048),
        LogicalVolume("var", "/var", 768),
        LogicalVolume("home", "/home", 128),
        LogicalVolume("swap", "", 128, "swap"),
    )
    boot_size: int = 256
    esp_size: int = 0
    programs: tuple[str, ...] = ()

    @property
    def packages(self) -> tuple[str, ...]:
        """Names of Debian packages; their dependencies come with them."""
        return (*_SYSTEM, *_PYTHON, *_INIT[self.init], *self.programs)

    @property
    def disk_size(self) -> int:
        """MiB; some extents stay free."""
        pools = sum(POOL_SPARE + POOL_METADATA for volume in self.volumes if volume.thin)
        volumes = sum(volume.size for volume in self.volumes)
        return self.esp_size + self.boot_size + volumes + pools + 128


RECIPES = (
    Recipe("debian12-systemd", "systemd"),
    Recipe("debian12-sysvinit", "sysvinit"),
    Recipe(
        "debian12-uefi",
        "systemd",
        "uefi",
        (
            LogicalVolume("root", "/", 2048),
            LogicalVolume("var", "/var", 768, "xfs"),
            LogicalVolume("home", "/home", 128, thin=True),
            LogicalVolume("swap", "", 128, "swap"),
        ),
        esp_size=64,
    ),
    Recipe("debian12-postgresql", "systemd", programs=("postgresql",)),
)
