"""What has to be run on the clone, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Bios:
    """The machine boots by its BIOS, from `disk`: the clone's, by a stable path (by-id)."""

    disk: bytes


@dataclass(frozen=True)
class Uefi:
    """The machine boots by UEFI, from the ESP mounted at `esp`, a path on the clone; `partition`
    is the clone's, by a stable path."""

    esp: bytes
    partition: bytes


Firmware = Bios | Uefi


@dataclass(frozen=True)
class Missing:
    """A file (relative to the root) that the commands need, and the package that has it."""

    path: bytes
    package: str


@dataclass(frozen=True)
class BootLoader:
    """The commands, to be run in order in a chroot of the mended clone with /dev, /proc and /sys;
    each must end with 0. With anything `missing`, none can be relied on."""

    family: str
    commands: tuple[tuple[bytes, ...], ...]
    missing: tuple[Missing, ...] = ()
