"""Block devices as configuration names them, and which of the clone's stands for which."""

import re
from dataclasses import dataclass

MAPPER = b"/dev/mapper/"

_LVM_UUID = re.compile(r"[A-Za-z0-9]{6}(?:-[A-Za-z0-9]{4}){5}-[A-Za-z0-9]{6}")


@dataclass(frozen=True)
class Device:
    """One block device. What it has none of is empty.

    `path` is its node, b"/dev/mapper/vg00-root" or b"/dev/vda1"; `aliases` are links to it below
    /dev. `uuid` and `label` are those of what is on it (file system, swap, LUKS or PV header),
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
        """What device-mapper calls it, b"vg00-root" or b"vda3_crypt"; or empty."""
        return self.path.removeprefix(MAPPER) if self.path.startswith(MAPPER) else b""

    @property
    def is_pv(self) -> bool:
        """Whether it is a physical volume: UUIDs of LVM have a form of their own."""
        return is_of_lvm(self.uuid)


@dataclass(frozen=True)
class Twin:
    """A device of the booted system and the one that stands for it on the clone, or None."""

    booted: Device
    clone: Device | None


@dataclass(frozen=True)
class GroupName:
    """A volume group's name and UUID."""

    name: bytes
    uuid: str

    @property
    def mapped_prefix(self) -> bytes:
        """How device-mapper's names of its volumes begin: each hyphen within a name is doubled."""
        return self.name.replace(b"-", b"--") + b"-"

    def owns(self, mapped_name: bytes) -> bool:
        """Whether device-mapper's `mapped_name` is that of a volume of this group. One more hyphen
        after the prefix is a doubled one: `vg--a-root` is in `vg-a`, not in `vg`."""
        rest = mapped_name.removeprefix(self.mapped_prefix)
        return rest != mapped_name and not rest.startswith(b"-")

    def volume(self, device: Device) -> bytes:
        """The name of the logical volume that `device` is in this group, or empty."""
        name = device.mapped_name
        if not self.owns(name):
            return b""
        return name.removeprefix(self.mapped_prefix).replace(b"--", b"-")


def is_of_lvm(uuid: str) -> bool:
    """Whether a UUID is one of a PV, VG or LV."""
    return bool(_LVM_UUID.fullmatch(uuid))
