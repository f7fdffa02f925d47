"""What the clone is to boot by."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bios:
    """The machine boots by BIOS from the clone's disk; `disk` is a stable path of it (by-id)."""

    disk: bytes


@dataclass(frozen=True)
class Uefi:
    """The machine boots by UEFI. `esp` is the mount point of the ESP on the clone, `partition` a
    stable path of the clone's ESP."""

    esp: bytes
    partition: bytes


Firmware = Bios | Uefi
