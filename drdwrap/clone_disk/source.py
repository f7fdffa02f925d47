"""What of the booted system goes on the clone's disk: file systems, swap, boot partitions."""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from drdwrap.boot.grub_and_initramfs.firmware import Bios, Firmware, Uefi
from drdwrap.errors import RefusedError
from drdwrap.linux.block_devices import ESP, BlockDevice, Devices
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.linux.mountinfo import Mount
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import RootGroup, depth, number_of
from drdwrap.pair.volume_groups import BOOTED_ROOT, VolumeGroups
from drdwrap.paths.arithmetic import absolute

BIOS, UEFI = "bios", "uefi"


@dataclass(frozen=True)
class BootFileSystem:
    """A file system outside the volume group that the machine boots from: `/boot`, or an ESP.

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
    """An LV of the booted group that is not cloned, and why."""

    lv: LogicalVolume
    why: str


@dataclass(frozen=True)
class Source:
    """What is cloned.

    `firmware` is `BIOS` or `UEFI`. `encrypted` says in words what of it is encrypted, or is empty;
    `containers` are the UUIDs of the LUKS containers below the group. `disks` are those below the
    group and the boot file systems, which the clone has to do without; `named` are further disks
    that hold what fstab names.
    """

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
    def lvs(self) -> tuple[LogicalVolume, ...]:
        """The LVs that the clone gets, under the same names."""
        return (*(system.lv for system in self.root.file_systems), *self.swap)

    @classmethod
    def of_booted(cls, found: VolumeGroups, devices: Devices) -> "Source":
        """What of this machine is cloned."""
        firmware = UEFI if os.path.isdir("/sys/firmware/efi") else BIOS
        named = volume_groups.named_in_fstab()
        return cls.of(found.root_group, devices, found.table, firmware, named)

    @classmethod
    def of(
        cls,
        root: RootGroup,
        devices: Devices,
        table: Sequence[Mount],
        firmware: str,
        named: Collection[str] = (),
    ) -> "Source":
        """What is cloned, from the mount table and lsblk's report.

        `named` are the device numbers of what fstab names, mounted or not.
        """
        boot = tuple(_boot_file_systems(root, devices, table))
        lvs = root.group.lvs
        swap = tuple(v for v in lvs if _contents(devices, v) == "swap" and v.holds_data)
        taken = {system.lv.uuid for system in root.file_systems} | {v.uuid for v in swap}
        numbers = [v.number for v in lvs if v.is_active]
        numbers += [one.device.number for one in boot]
        disks = {disk.path: disk for number in numbers for disk in devices.disks_of(number)}
        further = {disk.path: disk for number in named for disk in devices.disks_of(number)}
        below = [device for number in numbers for device in devices.below(number)]
        return cls(
            root,
            boot,
            swap,
            tuple(LeftOut(v, _why_left_out(devices, v)) for v in lvs if v.uuid not in taken),
            firmware,
            _encryption(root, devices),
            frozenset(one.uuid for one in below if one.contents == "crypto_LUKS"),
            tuple(disks.values()),
            tuple(disk for path, disk in further.items() if path not in disks),
        )


def clone_firmware(source: Source, device: bytes) -> Firmware:
    """What the clone boots by. `device` is the path of its disk under BIOS, of its ESP under UEFI.
    RefusedError under UEFI without an ESP."""
    if source.firmware == BIOS:
        return Bios(device)
    for system in source.boot:
        if system.is_esp:
            return Uefi(absolute(BOOTED_ROOT, system.mount_point), device)
    raise RefusedError(
        "the machine was booted by UEFI, but no EFI system partition is mounted",
        "mount it, for example at /boot/efi",
    )


def block_sizes(source: Source) -> list[int]:
    """The block sizes of the booted file systems in bytes, except FAT's, which has its own."""
    points = [system.mount_point for system in source.root.file_systems]
    points += [system.mount_point for system in source.boot if system.type != "vfat"]
    return [os.statvfs(absolute(BOOTED_ROOT, point)).f_bsize for point in points]


def _boot_file_systems(
    root: RootGroup, devices: Devices, table: Sequence[Mount]
) -> list[BootFileSystem]:
    found: dict[bytes, BootFileSystem] = {}
    for mount in table:
        point = mount.mount_point.strip(b"/")
        device = devices.at(number_of(mount))
        if device is None or mount.root != b"/" or root.at(point) is not None:
            continue
        if point == b"boot" or (device.part_type == ESP and point in (b"boot/efi", b"efi")):
            found[point] = BootFileSystem(point, mount.type, device)
    return [found[point] for point in sorted(found, key=depth)]


def _contents(devices: Devices, lv: LogicalVolume) -> str:
    device = devices.at(lv.number) if lv.is_active else None
    return device.contents if device else ""


def _why_left_out(devices: Devices, lv: LogicalVolume) -> str:
    if "snapshot" in lv.role:
        return "a snapshot"
    if "pool" in lv.layout:
        return "a pool; its LVs become plain ones"
    if not lv.holds_data:
        return "part of another LV"
    if not lv.is_active:
        return "not active"
    contents = _contents(devices, lv)
    return f"not mounted ({contents})" if contents else "not mounted, unknown contents"


def _encryption(root: RootGroup, devices: Devices) -> str:
    """What is encrypted, in words: the disk below the volume group, or LVs in it."""
    numbers = [v.number for v in root.group.lvs if v.is_active]
    below = {d.path for n in numbers for d in devices.below(n) if d.kind == "crypt"}
    above = [one.lv.name for one in root.file_systems if one.encrypted]
    if above:
        return f"{root.group.name} contains LUKS in {', '.join(above)}"
    return f"{root.group.name} is inside LUKS ({', '.join(sorted(below))})" if below else ""
