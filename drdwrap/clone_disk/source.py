"""What of the booted system a clone's disk has to have: file systems, swap, boot partitions."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drdwrap.linux.block_devices import ESP, BlockDevice, Devices
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.linux.mountinfo import Mount
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import RootGroup, depth, number_of
from drdwrap.pair.volume_groups import Found

BIOS, UEFI = "bios", "uefi"


@dataclass(frozen=True)
class BootFileSystem:
    """A file system outside the volume group that the machine boots by: `/boot`, or an ESP.

    `mount_point` is relative to the root.
    """

    mount_point: bytes
    type: str
    device: BlockDevice

    @property
    def is_esp(self) -> bool:
        return self.device.part_type == ESP


@dataclass(frozen=True)
class LeftOut:
    """An LV of the booted group that the clone will not have, and why."""

    volume: LogicalVolume
    why: str


@dataclass(frozen=True)
class Source:
    """All that the clone's disk is made after. `encrypted` names what of it is encrypted, in words,
    or is empty; `containers` are the UUIDs of LUKS that the group lies in. `disks` are those that
    the group and the boot file systems lie on, and stay behind when the clone boots by itself;
    `named` are further ones that hold what fstab names."""

    root: RootGroup
    boot: tuple[BootFileSystem, ...]
    swap: tuple[LogicalVolume, ...]
    left_out: tuple[LeftOut, ...]
    firmware: str
    encrypted: str
    containers: frozenset[str]
    disks: tuple[BlockDevice, ...]
    named: tuple[BlockDevice, ...]

    @property
    def volumes(self) -> tuple[LogicalVolume, ...]:
        """The LVs that the clone gets, each by the same name."""
        return (*(system.volume for system in self.root.file_systems), *self.swap)


def of_booted(found: Found, tree: Devices) -> Source:
    """What of this machine there is to clone."""
    firmware = UEFI if os.path.isdir("/sys/firmware/efi") else BIOS
    return find(found.root_group, tree, found.table, firmware, volume_groups.named_in_fstab())


def find(
    root: RootGroup,
    tree: Devices,
    table: Sequence[Mount],
    firmware: str,
    named: Collection[str] = (),
) -> Source:
    """What there is to clone, from what is mounted and what lsblk shows.

    `named` are the numbers of what fstab names, mounted or not.
    """
    boot = tuple(_boot(root, tree, table))
    swap = tuple(v for v in root.group.volumes if _contents(tree, v) == "swap" and v.holds_data)
    taken = {system.volume.uuid for system in root.file_systems} | {v.uuid for v in swap}
    left_out = tuple(
        LeftOut(volume, _why(tree, volume))
        for volume in root.group.volumes
        if volume.uuid not in taken
    )
    numbers = [v.number for v in root.group.volumes if v.is_active]
    numbers += [one.device.number for one in boot]
    disks = {disk.path: disk for number in numbers for disk in tree.disks_of(number)}
    further = {disk.path: disk for number in named for disk in tree.disks_of(number)}
    below = [device for number in numbers for device in tree.below(number)]
    containers = frozenset(one.uuid for one in below if one.contents == "crypto_LUKS")
    encrypted = _encrypted(root, tree)
    return Source(
        root,
        boot,
        swap,
        left_out,
        firmware,
        encrypted,
        containers,
        tuple(disks.values()),
        tuple(disk for path, disk in further.items() if path not in disks),
    )


def _boot(root: RootGroup, tree: Devices, table: Sequence[Mount]) -> list[BootFileSystem]:
    found: dict[bytes, BootFileSystem] = {}
    for mount in table:
        point = mount.mount_point.strip(b"/")
        device = tree.at(number_of(mount))
        if device is None or mount.root != b"/" or root.at(point) is not None:
            continue
        if point == b"boot" or (device.part_type == ESP and point in (b"boot/efi", b"efi")):
            found[point] = BootFileSystem(point, mount.type, device)
    return [found[point] for point in sorted(found, key=depth)]


def _contents(tree: Devices, volume: LogicalVolume) -> str:
    device = tree.at(volume.number) if volume.is_active else None
    return device.contents if device else ""


def _why(tree: Devices, volume: LogicalVolume) -> str:
    if "snapshot" in volume.role:
        return "a snapshot"
    if "pool" in volume.layout:
        return "a pool: what is in it becomes plain LVs"
    if not volume.holds_data:
        return "part of another LV"
    if not volume.is_active:
        return "not active"
    contents = _contents(tree, volume)
    return f"not mounted ({contents})" if contents else "not mounted, and nothing known is on it"


def _encrypted(root: RootGroup, tree: Devices) -> str:
    """What is encrypted: the disk below the volume group, or LVs in it."""
    numbers = [v.number for v in root.group.volumes if v.is_active]
    below = {d.path for n in numbers for d in tree.below(n) if d.kind == "crypt"}
    above = [one.volume.name for one in root.file_systems if one.encrypted]
    if above:
        return f"{root.group.name} holds LUKS in {', '.join(above)}"
    return f"{root.group.name} lies in LUKS ({', '.join(sorted(below))})" if below else ""
