"""The commands that make a clone boot, as data."""

from dataclasses import dataclass


@dataclass(frozen=True)
class MissingFile:
    """A file (relative to the root) that the commands need, and the package that has it."""

    path: bytes
    package: str


@dataclass(frozen=True)
class BootCommands:
    """The commands, to be run in order in a chroot of the mended clone with /dev, /proc and /sys;
    each must end with status 0. They are unusable as long as anything is `missing`."""

    family: str
    commands: tuple[tuple[bytes, ...], ...]
    missing: tuple[MissingFile, ...] = ()
