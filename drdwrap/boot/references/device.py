"""Block devices with all the names that configuration can use for them, and their counterparts."""

import re
from dataclasses import dataclass

from drdwrap.linux import device_mapper

_LVM_UUID = re.compile(r"[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{4}){5}-[A-Za-z0-9]{6}")


@dataclass(frozen=True)
class Device:
    """One block device. A name that it does not have is empty.

    `path` is its node, b"/dev/mapper/vg00-root" or b"/dev/vda1"; `aliases` are links to it below
    /dev. `uuid` and `label` are those of its contents (file system, swap, LUKS or PV header),
    `partuuid` and `partlabel` those of the partition, `lv_uuid` that of the logical volume.
    """

    path: bytes
    aliases: tuple[bytes, ...] = ()
    uuid: str = ""
    label: str = ""
    partuuid: str = ""
    partlabel: str = ""
    lv_uuid: str = ""

    @property
    def mapped_name(self) -> bytes:
        """Its device mapper name, b"vg00-root" or b"vda3_crypt"; or empty."""
        return device_mapper.mapped_name(self.path)

    @property
    def is_pv(self) -> bool:
        """Whether it is a physical volume: LVM's UUIDs have their own form."""
        return is_lvm_uuid(self.uuid)


@dataclass(frozen=True)
class Counterpart:
    """A device of the booted system and the clone's device in its place, None if there is none."""

    booted: Device
    clone: Device | None


@dataclass(frozen=True)
class GroupName:
    """A volume group's name and UUID."""

    name: bytes
    uuid: str

    @property
    def mapped_prefix(self) -> bytes:
        """How the device mapper names of its LVs begin."""
        return device_mapper.mapped_prefix(self.name)

    def owns(self, mapped_name: bytes) -> bool:
        """Whether the device mapper name `mapped_name` belongs to an LV of this group."""
        return device_mapper.is_in_group(mapped_name, self.name)

    def lv(self, device: Device) -> bytes:
        """The name of `device` as a logical volume of this group, or empty."""
        return device_mapper.lv_in(device.mapped_name, self.name)


def is_lvm_uuid(uuid: str) -> bool:
    """Whether a UUID is that of a PV, VG or LV."""
    return bool(_LVM_UUID.fullmatch(uuid))
