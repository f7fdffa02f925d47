"""A machine as lsblk, vgs, lvs and pvs report it: vg00 on vda, and whatever else a test adds."""

from __future__ import annotations

import json
from typing import Any

from drdwrap.clone_disk.source import BIOS, Source
from drdwrap.linux import block_devices, lvm
from drdwrap.linux.block_devices import Devices
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair import root_group
from drdwrap.pair.root_group import RootGroup

MIB = 1 << 20
GIB = 1 << 30


def device(path: str, number: str, kind: str, size: int, **fields: Any) -> dict[str, Any]:
    """A row of lsblk's; `fields` are its columns in Python's spelling, `children` more rows."""
    empty = dict.fromkeys(
        ("fstype", "uuid", "label", "partuuid", "partlabel", "parttype", "pttype")
    )
    row: dict[str, Any] = {"path": path, "maj:min": number, "type": kind, "size": size}
    return row | {"ro": False, "mountpoints": [None], "log-sec": 512, **empty, **fields}


def volume(name: str, number: str, **fields: Any) -> dict[str, Any]:
    return device(f"/dev/mapper/vg00-{name}", number, "lvm", GIB, **fields)


def system_disk(*more: dict[str, Any]) -> dict[str, Any]:
    """vda: /boot on a partition, vg00 with root, var and swap on another."""
    volumes = (
        volume("root", "253:0", fstype="ext4", uuid="u-root", label="root", mountpoints=["/"]),
        volume("var", "253:1", fstype="xfs", uuid="u-var", mountpoints=["/var"]),
        volume("swap", "253:2", fstype="swap", uuid="u-swap", mountpoints=["[SWAP]"]),
        *more,
    )
    boot = device(
        "/dev/vda1", "254:1", "part", 256 * MIB, fstype="ext4", uuid="u-boot",
        partuuid="p-1", mountpoints=["/boot"],
    )  # fmt: skip
    physical = device(
        "/dev/vda2", "254:2", "part", 5 * GIB, fstype="LVM2_member", uuid="u-pv",
        partuuid="p-2", children=list(volumes),
    )  # fmt: skip
    parts = [boot, physical]
    return device("/dev/vda", "254:0", "disk", 6 * GIB, pttype="dos", children=parts)


def tree(*disks: dict[str, Any]) -> Devices:
    return block_devices.parse(json.dumps({"blockdevices": list(disks)}).encode())


def logical(name: str, number: str = "", **fields: str) -> dict[str, str]:
    """A row of lvs's for vg00, of 1 GiB."""
    major, _, minor = number.partition(":")
    return {
        "vg_uuid": "vg00-uuid",
        "lv_name": name,
        "lv_uuid": f"lv-{name}",
        "lv_size": str(GIB),
        "lv_layout": "linear",
        "lv_role": "public",
        "lv_active": "active" if number else "",
        "lv_path": f"/dev/vg00/{name}",
        "lv_dm_path": f"/dev/mapper/vg00-{name}",
        "lv_kernel_major": major or "-1",
        "lv_kernel_minor": minor or "-1",
        **fields,
    }


def group(name: str = "vg00", uuid: str = "vg00-uuid", free: int = GIB) -> dict[str, str]:
    sizes = {"vg_size": str(5 * GIB), "vg_free": str(free), "vg_extent_size": str(4 * MIB)}
    return {"vg_name": name, "vg_uuid": uuid, **sizes}


def physical(name: str, group_uuid: str = "vg00-uuid", missing: str = "") -> dict[str, str]:
    row = {"pv_name": name, "pv_uuid": f"pv-{name}", "pv_missing": missing}
    return {"vg_uuid": group_uuid, **row}


ROOT_VOLUMES = (logical("root", "253:0"), logical("var", "253:1"), logical("swap", "253:2"))


def groups(
    vgs: list[dict[str, str]], lvs: list[dict[str, str]], pvs: list[dict[str, str]]
) -> list[VolumeGroup]:
    def report(kind: str, rows: list[dict[str, str]]) -> bytes:
        return json.dumps({"report": [{kind: rows}]}).encode()

    return lvm.parse(report("vg", vgs), report("lv", lvs), report("pv", pvs))


def vg00(*more: dict[str, str]) -> VolumeGroup:
    (found,) = groups([group()], [*ROOT_VOLUMES, *more], [physical("/dev/vda2")])
    return found


TABLE = b"""\
1 0 253:0 / / rw - ext4 /dev/mapper/vg00-root rw
2 1 253:1 / /var rw - xfs /dev/mapper/vg00-var rw
3 1 254:1 / /boot rw - ext4 /dev/vda1 rw
4 1 0:40 / /net rw - nfs server:/x rw
"""


def origin(
    *disks: dict[str, Any],
    table: bytes = TABLE,
    more: tuple[dict[str, str], ...] = (),
    firmware: str = BIOS,
    named: tuple[str, ...] | list[str] = (),
) -> Source:
    """vg00 as the source of a clone, with `more` logical volumes."""
    listed = mounts(table)
    root = root_group.find([vg00(*more)], listed)
    assert isinstance(root, RootGroup)
    return Source.of(root, tree(*(disks or (system_disk(),))), listed, firmware, named)
