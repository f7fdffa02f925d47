"""A disk in a file: /boot, and a physical volume with the root volume group, all mounted.

LVM's metadata tools work on a loop device without a device mapper; where each LV lies follows from
its extents, and a loop device with that offset opens it. LVM is given a configuration of its own
whose filter lets it see this one loop device, so nothing else on the machine is looked at.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from vagrant.box.recipe import VOLUME_GROUP, LogicalVolume, Recipe
from vagrant.box.run import run

MIB = 1 << 20

# GRUB 2.06 reads no file system with these.
_FEATURES = "^orphan_file,^metadata_csum_seed"

_LVM_CONFIGURATION = """
devices {{
    use_devicesfile = 0
    filter = [ "a|^{device}$|", "r|.*|" ]
    cache_file_prefix = ""
}}
global {{ locking_dir = "{directory}" use_lvmlockd = 0 }}
activation {{ udev_sync = 0 udev_rules = 0 monitoring = 0 }}
backup {{ backup = 0 archive = 0 }}
"""


@dataclass(frozen=True)
class Disk:
    """The disk while it is open. `device` is the whole of it, `boot_uuid` names /boot."""

    root: Path
    device: str
    boot_uuid: str


@contextmanager
def made(image: Path, recipe: Recipe, work: Path) -> Iterator[Disk]:
    """Make `image` (it must not exist) and mount its file systems below `work`. BuildError.

    The caller has a mount namespace of its own: after a kill nothing stays mounted, and the loop
    devices clear themselves.
    """
    with image.open("xb") as file:
        file.truncate(recipe.disk_size * MIB)
    run("sfdisk", "--quiet", image, stdin=_partition_table(recipe))
    boot, physical = _partitions(image)
    with ExitStack() as opened:
        places = _make_volume_group(image, physical, recipe, work)
        for volume, place in zip(recipe.volumes, places, strict=True):
            with _loop(image, *place) as device:
                if volume.mount_point:
                    run("mkfs.ext4", "-q", "-O", _FEATURES, "-L", volume.name, device)
                else:
                    run("mkswap", device)
        with _loop(image, *boot) as device:
            run("mkfs.ext4", "-q", "-O", _FEATURES, device)
            boot_uuid = run("blkid", "-p", "-s", "UUID", "-o", "value", device).strip()
        root = work / "root"
        by_depth = sorted(
            [*zip(recipe.volumes, places, strict=True), (LogicalVolume("", "/boot", 0), boot)],
            key=lambda pair: pair[0].mount_point.rstrip("/").count("/"),
        )
        for volume, (offset, size) in by_depth:
            if volume.mount_point:
                point = root / volume.mount_point.lstrip("/")
                point.mkdir(parents=True, exist_ok=True)
                run("mount", "-o", f"loop,offset={offset},sizelimit={size}", image, point)
                opened.callback(run, "umount", point)
        device = opened.enter_context(_loop(image, 0, recipe.disk_size * MIB))
        yield Disk(root, device, boot_uuid)


def _partition_table(recipe: Recipe) -> str:
    return f"label: dos\nsize={recipe.boot_size}MiB, type=83, bootable\ntype=8e\n"


Place = tuple[int, int]
"""Offset and size in bytes."""


def _partitions(image: Path) -> list[Place]:
    table = json.loads(run("sfdisk", "--json", image))["partitiontable"]
    unit = int(table.get("sectorsize", 512))
    return [(int(p["start"]) * unit, int(p["size"]) * unit) for p in table["partitions"]]


def _make_volume_group(image: Path, physical: Place, recipe: Recipe, work: Path) -> list[Place]:
    """Make the volume group in its partition, and say where in `image` each LV lies."""
    with _loop(image, *physical) as device:
        configuration = work / "lvm"
        configuration.mkdir()
        (configuration / "lvm.conf").write_text(
            _LVM_CONFIGURATION.format(device=device, directory=configuration)
        )

        def lvm(command: str, *arguments: str) -> str:
            environment = {"LVM_SYSTEM_DIR": str(configuration)}
            return run("lvm", command, "--driverloaded", "n", *arguments, environment=environment)

        lvm("pvcreate", "--yes", device)
        lvm("vgcreate", VOLUME_GROUP, device)
        for volume in recipe.volumes:
            size = ("--size", f"{volume.size}m", "--name", volume.name)
            lvm("lvcreate", "--yes", "-an", "-Zn", "-Wn", *size, VOLUME_GROUP)
        units = ("--reportformat", "json", "--units", "b", "--nosuffix")
        report = json.loads(lvm("vgs", *units, "-o", "vg_extent_size", VOLUME_GROUP))
        extent = int(report["report"][0]["vg"][0]["vg_extent_size"])
        report = json.loads(lvm("pvs", *units, "-o", "pe_start", device))
        start = physical[0] + int(report["report"][0]["pv"][0]["pe_start"])
        report = json.loads(lvm("lvs", *units, "-o", "lv_name,seg_pe_ranges", VOLUME_GROUP))
        extents = {row["lv_name"]: row["seg_pe_ranges"] for row in report["report"][0]["lv"]}
    places = []
    for volume in recipe.volumes:
        first, last = (int(number) for number in extents[volume.name].rpartition(":")[2].split("-"))
        places.append((start + first * extent, (last - first + 1) * extent))
    return places


@contextmanager
def _loop(image: Path, offset: int, size: int) -> Iterator[str]:
    """A loop device over a part of `image`."""
    part = ("--offset", str(offset), "--sizelimit", str(size))
    device = run("losetup", "--find", "--show", *part, image).strip()
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


def detach(directory: Path) -> None:
    """Detach the loop devices over files below `directory`, which a killed build left."""
    listed = json.loads(run("losetup", "--json", "--list", "--output", "NAME,BACK-FILE") or "{}")
    for loop in listed.get("loopdevices", []):
        if str(loop["back-file"]).startswith(f"{directory}/"):
            run("losetup", "--detach", loop["name"])
