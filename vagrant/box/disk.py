"""A disk in a file: /boot (and an ESP), and a physical volume with the root volume group, mounted.

A loop device with an offset opens a partition or a logical volume, so this needs neither a device
mapper nor a kernel that finds partitions. The ESP is not mounted: a kernel may not know FAT, and
mtools need none.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vagrant.box import loop, volumes
from vagrant.box.loop import Place
from vagrant.box.recipe import VOLUME_GROUP, Recipe
from vagrant.box.run import run
from vagrant.box.volumes import MIB

# GRUB 2.06 reads no file system with these.
_FEATURES = "^orphan_file,^metadata_csum_seed"

_FORMAT = {
    "ext4": ("mkfs.ext4", "-q", "-O", _FEATURES, "-L"),
    "xfs": ("mkfs.xfs", "-q", "-L"),
    "vfat": ("mkfs.vfat", "-F", "32", "-n"),
    "swap": ("mkswap", "-L"),
}

ESP = "/boot/efi"


@dataclass(frozen=True)
class FileSystem:
    """One on the disk, or swap, which has no mount point. `source` is for fstab."""

    mount_point: str
    kind: str
    source: str
    uuid: str
    place: Place


@dataclass(frozen=True)
class Disk:
    """The disk while it is open. `device` is the whole of it."""

    image: Path
    root: Path
    device: str
    file_systems: tuple[FileSystem, ...]

    def at(self, mount_point: str) -> FileSystem:
        """The file system that is mounted there."""
        return next(one for one in self.file_systems if one.mount_point == mount_point)


@contextmanager
def made(image: Path, recipe: Recipe, work: Path) -> Iterator[Disk]:
    """Make `image` (it must not exist) and mount its file systems below `work`. BuildError.

    The caller has a mount namespace of its own: after a kill nothing stays mounted, and the loop
    devices clear themselves.
    """
    with image.open("xb") as file:
        file.truncate(recipe.disk_size * MIB)
    run("sfdisk", "--quiet", image, stdin=_partition_table(recipe))
    *esp, boot, physical = _partitions(image)
    file_systems = [_formatted(image, place, ESP, "vfat", "ESP") for place in esp]
    file_systems.append(_formatted(image, boot, "/boot", "ext4", "boot"))
    places = volumes.made(image, physical, recipe, work)
    for volume, place in zip(recipe.volumes, places, strict=True):
        source = f"/dev/mapper/{VOLUME_GROUP}-{volume.name}"
        file_systems.append(
            _formatted(image, place, volume.mount_point, volume.kind, volume.name, source)
        )
    root = work / "root"
    with ExitStack() as mounted:
        for one in sorted(file_systems, key=lambda one: one.mount_point.rstrip("/").count("/")):
            if one.mount_point:
                point = root / one.mount_point.lstrip("/")
                point.mkdir(parents=True, exist_ok=True)
            if one.mount_point and one.kind != "vfat":
                part = f"offset={one.place.offset},sizelimit={one.place.size}"
                run("mount", "-o", f"loop,{part}", image, point)
                mounted.callback(run, "umount", point)
        whole = Place(0, recipe.disk_size * MIB)
        device = mounted.enter_context(loop.opened(image, whole))
        yield Disk(image, root, device, tuple(file_systems))


def _partition_table(recipe: Recipe) -> str:
    if recipe.firmware == "uefi":
        return (
            f"label: gpt\nsize={recipe.esp_size}MiB, type=uefi\n"
            f"size={recipe.boot_size}MiB, type=linux\ntype=lvm\n"
        )
    return f"label: dos\nsize={recipe.boot_size}MiB, type=83, bootable\ntype=8e\n"


def _partitions(image: Path) -> list[Place]:
    table = json.loads(run("sfdisk", "--json", image))["partitiontable"]
    unit = int(table.get("sectorsize", 512))
    return [Place(int(p["start"]) * unit, int(p["size"]) * unit) for p in table["partitions"]]


def _formatted(
    image: Path, place: Place, mount_point: str, kind: str, label: str, source: str = ""
) -> FileSystem:
    """Make a file system; without a `source` of its own it is known by its UUID."""
    with loop.opened(image, place) as device:
        run(*_FORMAT[kind], label, device)
        uuid = run("blkid", "-p", "-s", "UUID", "-o", "value", device).strip()
    return FileSystem(mount_point, kind, source or f"UUID={uuid}", uuid, place)
