"""The names of a disk or partition that it keeps when other disks are added or removed."""

import os

from drdwrap.linux.block_devices import BlockDevice, number_of

_DIRECTORIES = ("/dev/disk/by-id", "/dev/disk/by-path")


def stable_names(device: BlockDevice) -> list[str]:
    """Its links below /dev/disk, those by its own identity first."""
    found: list[str] = []
    for directory in _DIRECTORIES:
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            continue
        paths = [f"{directory}/{name}" for name in names]
        found += [path for path in paths if number_of(path) == device.number]
    return found
