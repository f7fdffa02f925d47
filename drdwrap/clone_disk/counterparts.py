"""Which device of the clone stands for which of the booted system's, for what names them."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drdwrap.boot.device import Device, GroupName, Twin
from drdwrap.boot.references import References
from drdwrap.clone_disk.disk_plan import BOOT_NAME, ESP_NAME
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import BlockDevice, Devices, number_of
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.pair.mounting import FileSystem

_LINKS = "/dev/disk"
_MAPPED = re.compile(r"/dev/mapper/((?:[^-]|--)+)-((?:[^-]|--)+)")
_PLANNED = Device(b"/dev/mapper/planned", (), "planned", "", "planned", "", "planned")
"""Stands for a device of the clone that is not made yet: whatever names one, there will be a name
for it."""


@dataclass(frozen=True)
class CloneDisk:
    """The disk of a clone as it was made: what lies where. `container` is the LUKS one that the
    physical volume lies in, if any; `boot` and `esp` are its own boot partitions."""

    disk: BlockDevice
    physical: BlockDevice
    container: BlockDevice | None
    boot: BlockDevice | None
    esp: BlockDevice | None

    @classmethod
    def of(cls, group: VolumeGroup, tree: Devices) -> "CloneDisk | None":
        """The disk of this volume group; None if it is not on one disk alone."""
        numbers = [number_of(one.device) for one in group.physical]
        disks = {disk.number: disk for number in numbers for disk in tree.disks_of(number)}
        physical = tree.at(numbers[0]) if len(numbers) == 1 else None
        if len(disks) != 1 or physical is None:
            return None
        (disk,) = disks.values()
        below = tree.below(physical.number)
        container = next((one for one in below if one.contents == "crypto_LUKS"), None)
        parts = {one.partlabel: one for one in disk.family() if one.kind == "part"}
        return cls(disk, physical, container, parts.get(BOOT_NAME), parts.get(ESP_NAME))

    def boot_file_systems(self, source: Source) -> list[FileSystem]:
        """What is to be mounted of it besides the volume group, in that order."""
        found = []
        for system in source.boot:
            part = self.esp if system.is_esp else self.boot
            if part is not None:
                found.append(FileSystem(part.path, system.mount_point))
        return found


def planned(source: Source, tree: Devices, *, encrypted: bool) -> list[Twin]:
    """The booted devices, and that there will be one for each of them, but for encryption that
    the clone is not to have."""
    twins = [Twin(_volume(volume, tree), _PLANNED) for volume in source.volumes]
    twins += [Twin(_device(system.device), _PLANNED) for system in source.boot]
    for device in _below(source, tree):
        stays = encrypted or not _is_encryption(device)
        twins.append(Twin(_device(device), _PLANNED if stays else None))
    return [*twins, *_without(source, tree)]


def found(source: Source, group: VolumeGroup, clone: CloneDisk, tree: Devices) -> list[Twin]:
    """The booted devices and the clone's, both as they are."""
    twins = []
    for volume in source.volumes:
        other = group.volume(volume.name)
        twins.append(Twin(_volume(volume, tree), _volume(other, tree) if other else None))
    for system in source.boot:
        part = clone.esp if system.is_esp else clone.boot
        twins.append(Twin(_device(system.device), _device(part) if part else None))
    for device in _below(source, tree):
        twins.append(Twin(_device(device), _stand_in(device, clone)))
    return [*twins, *_without(source, tree)]


def references(
    source: Source, clone: str, devices: list[Twin], uuid: str = "planned"
) -> References:
    """What names the booted devices, and what is to name the clone's; `uuid` is its group's."""
    unopened = [
        twin.booted.uuid
        for twin in devices
        if twin.clone is None and twin.booted.uuid in source.containers
    ]
    return References.of(devices, *_group_names(source, clone, uuid), unopened)


def _group_names(source: Source, clone: str, uuid: str = "planned") -> tuple[GroupName, GroupName]:
    """What both volume groups are called; `uuid` is the clone's, once there is one."""
    group = source.root.group
    return GroupName(group.name.encode(), group.uuid), GroupName(clone.encode(), uuid)


def _stand_in(booted: BlockDevice, clone: CloneDisk) -> Device | None:
    if booted.kind == "crypt":
        return _device(clone.physical) if clone.container else None
    if booted.contents == "crypto_LUKS":
        return _device(clone.container) if clone.container else None
    return _device(clone.physical if booted.contents == "LVM2_member" else clone.disk)


def _without(source: Source, tree: Devices) -> Iterator[Twin]:
    """What else lies on the booted disks: nothing on the clone stands for it. (Other disks stay
    where they are, with what is on them.)"""
    known = {volume.number for volume in source.volumes}
    known |= {system.device.number for system in source.boot}
    known |= {device.number for device in _below(source, tree)}
    for disk in source.disks:
        for device in disk.family():
            if device.number not in known:
                known.add(device.number)
                yield Twin(_device(device), None)


def _is_encryption(device: BlockDevice) -> bool:
    return device.kind == "crypt" or device.contents == "crypto_LUKS"


def _below(source: Source, tree: Devices) -> Iterator[BlockDevice]:
    """All that the booted group lies on, each once: containers, partitions, arrays, disks."""
    seen: dict[str, BlockDevice] = {}
    for one in source.root.group.physical:
        for device in tree.below(number_of(one.device)):
            seen.setdefault(device.number, device)
    yield from seen.values()


def _volume(volume: LogicalVolume, tree: Devices) -> Device:
    device = tree.at(volume.number) if volume.is_active else None
    # With LUKS in the LV, what is mounted lies on the mapping, and names go by that.
    contents = device.children[0] if device and device.contents == "crypto_LUKS" else device
    return Device(
        os.fsencode(volume.mapper_path),
        (os.fsencode(volume.path), *_node(volume.mapper_path)),
        contents.uuid if contents else "",
        contents.label if contents else "",
        lv_uuid=volume.uuid,
    )


def _device(device: BlockDevice) -> Device:
    return Device(
        os.fsencode(device.path),
        (*_in_group(device), *_node(device.path), *_aliases(device)),
        device.uuid,
        device.label,
        device.partuuid,
        device.partlabel,
    )


def _node(path: str) -> tuple[bytes, ...]:
    """What the kernel calls a device that has a name of device-mapper's: /dev/dm-0."""
    node = os.path.realpath(path)
    return (os.fsencode(node),) if node != path else ()


def _in_group(device: BlockDevice) -> Iterator[bytes]:
    """LVM's link to a volume, of whatever group: in device-mapper's name a hyphen that is part of
    the group's or the volume's is doubled."""
    names = _MAPPED.fullmatch(device.path) if device.kind == "lvm" else None
    if names:
        group, volume = (name.replace("--", "-") for name in names.groups())
        yield os.fsencode(f"/dev/{group}/{volume}")


def _aliases(device: BlockDevice) -> Iterator[bytes]:
    """The links that udev has made for it."""
    for directory, _, names in os.walk(_LINKS):
        for name in names:
            path = f"{directory}/{name}"
            if number_of(path) == device.number:
                yield os.fsencode(path)
