"""The root volume group, in its partition.

LVM's metadata tools work on a loop device without a device mapper; where each LV lies follows from
its extents. LVM is given a configuration of its own whose filter lets it see this one loop device,
so nothing else on the machine is looked at.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from vagrant.box import loop, thin
from vagrant.box.loop import Place
from vagrant.box.recipe import POOL_METADATA, POOL_SPARE, VOLUME_GROUP, LogicalVolume, Recipe
from vagrant.box.run import run

MIB = 1 << 20

_CONFIGURATION = """
devices {{
    use_devicesfile = 0
    filter = [ "a|^{device}$|", "r|.*|" ]
    cache_file_prefix = ""
}}
global {{ locking_dir = "{directory}" use_lvmlockd = 0 }}
activation {{ udev_sync = 0 udev_rules = 0 monitoring = 0 }}
backup {{ backup = 0 archive = 0 }}
"""


def made(image: Path, physical: Place, recipe: Recipe, work: Path) -> list[Place]:
    """Make the volume group, and say where in `image` each of the recipe's volumes lies.

    BuildError.
    """
    with loop.opened(image, physical) as device:
        lvm = _Lvm(device, work / "lvm")
        lvm("pvcreate", "--yes", device)
        lvm("vgcreate", VOLUME_GROUP, device)
        for volume in recipe.volumes:
            if volume.thin:
                lvm.create(thin.data(volume.name), volume.size + POOL_SPARE)
                lvm.create(thin.metadata(volume.name), POOL_METADATA)
            else:
                lvm.create(volume.name, volume.size)
        places = _places(lvm, physical, device)
        for volume in recipe.volumes:
            if volume.thin:
                _make_thin(lvm, volume, image, places[thin.metadata(volume.name)])
    # A thin volume begins where its pool's data does.
    data = {volume.name: thin.data(volume.name) for volume in recipe.volumes if volume.thin}
    return [
        Place(places[data.get(volume.name, volume.name)].offset, volume.size * MIB)
        for volume in recipe.volumes
    ]


class _Lvm:
    def __init__(self, device: str, directory: Path) -> None:
        directory.mkdir()
        self.directory = directory
        (directory / "lvm.conf").write_text(
            _CONFIGURATION.format(device=device, directory=directory)
        )

    def __call__(self, command: str, *arguments: str | Path) -> str:
        environment = {"LVM_SYSTEM_DIR": str(self.directory)}
        return run("lvm", command, "--driverloaded", "n", *arguments, environment=environment)

    def create(self, name: str, size: int) -> None:
        """A plain LV of so many MiB."""
        sized = ("--size", f"{size}m", "--name", name)
        self("lvcreate", "--yes", "-an", "-Zn", "-Wn", *sized, VOLUME_GROUP)

    def report(self, command: str, fields: str, kind: str) -> list[dict[str, Any]]:
        """The rows of `vgs`, `lvs` or `pvs`; sizes in bytes."""
        options = ("--reportformat", "json", "--units", "b", "--nosuffix", "-o", fields)
        rows: list[dict[str, Any]] = json.loads(self(command, *options))["report"][0][kind]
        return rows


def _extent(lvm: _Lvm) -> int:
    return int(lvm.report("vgs", "vg_extent_size", "vg")[0]["vg_extent_size"])


def _places(lvm: _Lvm, physical: Place, device: str) -> dict[str, Place]:
    extent = _extent(lvm)
    start = physical.offset + int(lvm.report("pvs", "pe_start", "pv")[0]["pe_start"])
    places = {}
    for row in lvm.report("lvs", "lv_name,seg_pe_ranges", "lv"):
        first, last = (int(n) for n in row["seg_pe_ranges"].rpartition(":")[2].split("-"))
        places[row["lv_name"]] = Place(start + first * extent, (last - first + 1) * extent)
    return places


def _make_thin(lvm: _Lvm, volume: LogicalVolume, image: Path, metadata: Place) -> None:
    pool = volume.size + POOL_SPARE
    described = lvm.directory / "thin.xml"
    described.write_text(thin.mapping(volume.size, pool))
    with loop.opened(image, metadata) as device:
        run("thin_restore", "--quiet", "-i", described, "-o", device)
    backup = lvm.directory / "backup"
    lvm("vgcfgbackup", "--file", backup, VOLUME_GROUP)
    extents = MIB * volume.size // _extent(lvm), MIB * pool // _extent(lvm)
    backup.write_text(thin.pooled(backup.read_text(), volume.name, *extents))
    # It warns that there is no device mapper to say what is in use.
    lvm("vgcfgrestore", "--force", "--yes", "--file", backup, VOLUME_GROUP)
