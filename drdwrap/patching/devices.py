"""The devices that programs on the clone may use: those of the clone's own disks, and harmless
ones. Nothing leads to the booted disks."""

import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from drdwrap.linux.block_devices import BlockDevice, Devices, number_of

HARMLESS = (
    ("null", 1, 3),
    ("zero", 1, 5),
    ("full", 1, 7),
    ("random", 1, 8),
    ("urandom", 1, 9),
    ("tty", 5, 0),
)
"""Character devices: name, major and minor number."""

_LINKS = (b"/dev/disk", b"/dev/mapper")


@dataclass(frozen=True)
class Nodes:
    """What is made in /dev for the clone's disks: device nodes (name below /dev, `major:minor`) and
    symbolic links (name below /dev, target). Names are relative."""

    nodes: tuple[tuple[bytes, str], ...]
    links: tuple[tuple[bytes, bytes], ...]


def clone_devices(numbers: Collection[str], devices: Devices, booted: Collection[str]) -> Nodes:
    """The nodes for a clone whose file systems are on the devices of these numbers.

    These are all devices of its disks; of a disk that also holds one of the `booted` devices, just
    the clone's own and what they lie on, without that disk.
    """
    allowed: dict[str, BlockDevice] = {}
    for number in numbers:
        for disk in devices.disks_of(number):
            shared = any(one.number in booted for one in disk.family())
            family = devices.below(number) if shared else list(disk.family())
            for device in family:
                if not shared or not any(one.number in booted for one in device.family()):
                    allowed[device.number] = device
    nodes, links = [], []
    for device in allowed.values():
        node = os.path.realpath(device.path)
        nodes.append((_below_dev(os.fsencode(node)), device.number))
    for path in _aliases():
        real = os.path.realpath(path)
        if number_of(real) in allowed:
            target = os.path.relpath(real, os.path.dirname(path))
            links.append((_below_dev(path), target))
    return Nodes(tuple(sorted(set(nodes))), tuple(sorted(links)))


def _below_dev(path: bytes) -> bytes:
    return path.removeprefix(b"/dev/")


def _aliases() -> Iterator[bytes]:
    """udev's links: below /dev/disk and /dev/mapper, and of each volume group."""
    groups = [
        entry.path
        for entry in os.scandir(b"/dev")
        if entry.is_dir(follow_symlinks=False) and entry.path not in _LINKS
    ]
    for top in (*_LINKS, *groups):
        for directory, _, names in os.walk(top):
            for name in names:
                path = directory + b"/" + name
                if os.path.islink(path):
                    yield path
