"""The disk of a clone that has been made: which of its devices is what."""

from dataclasses import dataclass

from drdwrap.clone_disk.disk_plan import BOOT_NAME, ESP_NAME
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import BlockDevice, Devices, number_of
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.pair.mounting import FileSystem


@dataclass(frozen=True)
class CloneDisk:
    """The clone's disk and its devices.

    `physical` is the physical volume, `container` the LUKS container around it, if any; `boot` and
    `esp` are the clone's own boot partitions, if any.
    """

    disk: BlockDevice
    physical: BlockDevice
    container: BlockDevice | None
    boot: BlockDevice | None
    esp: BlockDevice | None

    @classmethod
    def of(cls, group: VolumeGroup, devices: Devices) -> "CloneDisk | None":
        """The disk of this volume group; None if the group is not on exactly one disk."""
        numbers = [number_of(one.device) for one in group.physical]
        disks = {disk.number: disk for number in numbers for disk in devices.disks_of(number)}
        physical = devices.at(numbers[0]) if len(numbers) == 1 else None
        if len(disks) != 1 or physical is None:
            return None
        (disk,) = disks.values()
        below = devices.below(physical.number)
        container = next((one for one in below if one.contents == "crypto_LUKS"), None)
        parts = {one.partlabel: one for one in disk.family() if one.kind == "part"}
        return cls(disk, physical, container, parts.get(BOOT_NAME), parts.get(ESP_NAME))

    @classmethod
    def apart(cls, group: VolumeGroup, source: Source, devices: Devices) -> "CloneDisk | None":
        """The same; None also if the booted system uses that disk, as with a volume group that was
        made by hand."""
        found = cls.of(group, devices)
        return None if found is None or found.disk in source.disks else found

    def boot_file_systems(self, source: Source) -> list[FileSystem]:
        """The boot partitions to mount besides the volume group, in that order."""
        found = []
        for system in source.boot:
            part = self.esp if system.is_esp else self.boot
            if part is not None:
                found.append(FileSystem(part.path, system.mount_point))
        return found
