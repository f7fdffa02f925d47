"""Each booted device that configuration may name, and its counterpart on the clone."""

import os
from collections.abc import Iterator

from drdwrap.boot.references.device import Counterpart, Device, GroupName
from drdwrap.boot.references.in_text import References
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import BlockDevice, Devices, number_of
from drdwrap.linux.device_mapper import group_and_lv, mapped_name
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup

_LINKS = "/dev/disk"
_PLANNED = Device(b"/dev/mapper/planned", (), "planned", "", "planned", "", "planned")
"""A device of the clone that is not made yet. It will have a name of every kind."""


def planned_counterparts(source: Source, devices: Devices, *, encrypted: bool) -> list[Counterpart]:
    """The booted devices, with `_PLANNED` for each that the clone will have: all except encryption
    if the clone is not to be encrypted."""
    found = [Counterpart(_lv_device(lv, devices), _PLANNED) for lv in source.lvs]
    found += [Counterpart(_device(system.device), _PLANNED) for system in source.boot]
    for device in _below(source, devices):
        stays = encrypted or not _is_encryption(device)
        found.append(Counterpart(_device(device), _PLANNED if stays else None))
    return [*found, *_not_cloned(source, devices)]


def existing_counterparts(
    source: Source, group: VolumeGroup, clone: CloneDisk, devices: Devices
) -> list[Counterpart]:
    """The booted devices and the clone's as they are now. `group` is the clone's."""
    found = []
    for lv in source.lvs:
        other = group.lv(lv.name)
        clones = _lv_device(other, devices) if other else None
        found.append(Counterpart(_lv_device(lv, devices), clones))
    for system in source.boot:
        part = clone.esp if system.is_esp else clone.boot
        found.append(Counterpart(_device(system.device), _device(part) if part else None))
    for device in _below(source, devices):
        found.append(Counterpart(_device(device), _stand_in(device, clone)))
    return [*found, *_not_cloned(source, devices)]


def references_to_booted(
    source: Source, group: str, counterparts: list[Counterpart], uuid: str = "planned"
) -> References:
    """The references to the booted devices. `group` and `uuid` are those of the clone's volume
    group."""
    unopened = [
        one.booted.uuid
        for one in counterparts
        if one.clone is None and one.booted.uuid in source.containers
    ]
    booted = source.root.group
    return References.of(
        counterparts,
        GroupName(booted.name.encode(), booted.uuid),
        GroupName(group.encode(), uuid),
        unopened,
    )


def _stand_in(booted: BlockDevice, clone: CloneDisk) -> Device | None:
    """The clone's device in place of one below the booted group."""
    if booted.kind == "crypt":
        return _device(clone.physical) if clone.container else None
    if booted.contents == "crypto_LUKS":
        return _device(clone.container) if clone.container else None
    return _device(clone.physical if booted.contents == "LVM2_member" else clone.disk)


def _not_cloned(source: Source, devices: Devices) -> Iterator[Counterpart]:
    """The other devices on the booted disks, which have no counterpart. (Those on other disks are
    still there when the clone is booted.)"""
    known = {lv.number for lv in source.lvs}
    known |= {system.device.number for system in source.boot}
    known |= {device.number for device in _below(source, devices)}
    for disk in source.disks:
        for device in disk.family():
            if device.number not in known:
                known.add(device.number)
                yield Counterpart(_device(device), None)


def _is_encryption(device: BlockDevice) -> bool:
    return device.kind == "crypt" or device.contents == "crypto_LUKS"


def _below(source: Source, devices: Devices) -> Iterator[BlockDevice]:
    """Everything below the booted group, each once: containers, partitions, arrays, disks."""
    seen: dict[str, BlockDevice] = {}
    for one in source.root.group.physical:
        for device in devices.below(number_of(one.device)):
            seen.setdefault(device.number, device)
    yield from seen.values()


def _lv_device(lv: LogicalVolume, devices: Devices) -> Device:
    device = devices.at(lv.number) if lv.is_active else None
    # With LUKS in the LV, the file system is on the mapping, whose names count.
    contents = device.children[0] if device and device.contents == "crypto_LUKS" else device
    return Device(
        os.fsencode(lv.mapper_path),
        (os.fsencode(lv.path), *_node(lv.mapper_path)),
        contents.uuid if contents else "",
        contents.label if contents else "",
        lv_uuid=lv.uuid,
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
    """The kernel's own name of a device below /dev/mapper: /dev/dm-0."""
    node = os.path.realpath(path)
    return (os.fsencode(node),) if node != path else ()


def _in_group(device: BlockDevice) -> Iterator[bytes]:
    """LVM's link to an LV of any group."""
    name = mapped_name(os.fsencode(device.path))
    names = group_and_lv(name) if device.kind == "lvm" else None
    if names:
        yield b"/dev/" + b"/".join(names)


def _aliases(device: BlockDevice) -> Iterator[bytes]:
    """udev's links to the device."""
    for directory, _, names in os.walk(_LINKS):
        for name in names:
            path = f"{directory}/{name}"
            if number_of(path) == device.number:
                yield os.fsencode(path)
