"""A clone's disk, vdb, as lsblk reports it."""

from __future__ import annotations

from typing import Any

from integration.lab.block_reports import GIB, MIB, device, tree

from drdwrap.clone_disk.existing_disk import CloneDisk


def clone_disk() -> dict[str, Any]:
    parts = [
        device(f"/dev/vdb{number}", f"254:{16 + number}", "part", MIB, partlabel=name)
        for number, name in ((1, "drdwrap-bios"), (2, "drdwrap-boot"), (3, "drdwrap-lvm"))
    ]
    return device("/dev/vdb", "254:16", "disk", 8 * GIB, children=parts)


def clone() -> CloneDisk:
    disk = tree(clone_disk()).roots[0]
    return CloneDisk(disk, disk.children[2], None, disk.children[1], None)
