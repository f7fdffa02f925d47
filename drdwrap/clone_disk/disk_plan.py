"""The plan of the clone's disk: partitions and LVs, before anything is written. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass

from drdwrap.clone_disk.source import BIOS, BootFileSystem, Source
from drdwrap.linux.block_devices import ESP, BlockDevice
from drdwrap.linux.lvm import LogicalVolume

MIB = 1 << 20

BIOS_BOOT = "21686148-6449-6e6f-744e-656564454649"
LINUX = "0fc63daf-8483-4772-8e79-3d69d8477de4"
LVM = "e6d6d379-f507-44c2-a23c-238f2a3df928"
LUKS = "ca7d7ccb-63ed-4c53-861c-1742536059cc"
"""GPT partition types: GRUB's core image under BIOS, a file system, a physical volume, LUKS."""

BOOT_NAME, ESP_NAME, BIOS_NAME, STATE_NAME, LVM_NAME = (
    f"drdwrap-{name}" for name in ("boot", "esp", "bios", "state", "lvm")
)
"""Partition names, by which the clone's partitions are found again."""

STATE_SIZE = 8 * MIB
"""The size of the partition for the state of a clone (`boot.selection`) that has neither a /boot of
its own nor an ESP: GRUB cannot write to LVM."""

_ENDS = 2 * MIB
"""The space for GPT and alignment, both ends of the disk together."""
_PV_HEADER = MIB
_LUKS_HEADER = 16 * MIB
"""cryptsetup-luksFormat(8): the data of a LUKS2 container begins at 16 MiB."""


@dataclass(frozen=True)
class Partition:
    """One partition. `size` is in bytes, 0 for the rest of the disk; `system` goes on it."""

    name: str
    type: str
    size: int
    system: BootFileSystem | None = None


@dataclass(frozen=True)
class PlannedLV:
    """An LV of the clone, and the booted one that it is a copy of. `size` is in bytes."""

    booted: LogicalVolume
    size: int
    mount_point: bytes | None
    """Relative to the root; None for swap."""

    @property
    def name(self) -> str:
        return self.booted.name


@dataclass(frozen=True)
class DiskPlan:
    """The whole disk. `needed` is the minimum size of the disk in bytes."""

    partitions: tuple[Partition, ...]
    group: str
    extent_size: int
    lvs: tuple[PlannedLV, ...]
    encrypted: bool
    needed: int

    @classmethod
    def of(
        cls, source: Source, group: str, sizes: Mapping[str, int], *, encrypted: bool
    ) -> "DiskPlan":
        """The plan for a clone of `source` in a volume group named `group`.

        `sizes` are the requested sizes in bytes, by the LV's name; all other LVs are as large
        as the booted ones. Each is rounded up to whole extents.
        """
        extent = source.root.group.extent_size
        points = {system.lv.uuid: system.mount_point for system in source.root.file_systems}
        lvs = tuple(
            PlannedLV(
                lv,
                _rounded(sizes.get(lv.name, lv.size), extent),
                points.get(lv.uuid),
            )
            for lv in source.lvs
        )
        fixed = []
        if source.firmware == BIOS:
            fixed.append(Partition(BIOS_NAME, BIOS_BOOT, MIB))
        for system in source.boot:
            name = ESP_NAME if system.is_esp else BOOT_NAME
            type_ = ESP if system.is_esp else LINUX
            fixed.append(Partition(name, type_, _rounded(system.device.size, MIB), system))
        if not source.boot:
            fixed.append(Partition(STATE_NAME, LINUX, STATE_SIZE))
        physical = _PV_HEADER + sum(lv.size for lv in lvs)
        physical += _LUKS_HEADER if encrypted else 0
        # Partitions begin at whole MiB: the physical volume may lose one at its end.
        needed = _ENDS + sum(one.size for one in fixed) + _rounded(physical, MIB) + MIB
        last = Partition(LVM_NAME, LUKS if encrypted else LVM, 0)
        return cls((*fixed, last), group, extent, lvs, encrypted, needed)

    def fits(self, disk: BlockDevice) -> bool:
        """Whether the disk is large enough."""
        return disk.size >= self.needed


def _rounded(size: int, unit: int) -> int:
    return -(-size // unit) * unit
