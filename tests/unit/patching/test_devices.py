"""Which devices a command on the clone gets."""

from __future__ import annotations

import json

from drdwrap.linux import block_devices
from drdwrap.linux.block_devices import Devices
from drdwrap.patching.devices import clone_devices


def device(path: str, number: str, kind: str, *children: dict[str, object]) -> dict[str, object]:
    row: dict[str, object] = {"path": path, "maj:min": number, "type": kind, "size": 1, "ro": False}
    row |= dict.fromkeys(("fstype", "uuid", "label", "partuuid", "partlabel", "parttype", "pttype"))
    return {**row, "mountpoints": [], "log-sec": 512, "children": list(children)}


def devices(*disks: dict[str, object]) -> Devices:
    return block_devices.parse(json.dumps({"blockdevices": disks}).encode())


def test_all_of_the_clones_disk_and_nothing_of_the_booted_one() -> None:
    booted = device("/dev/xa", "8:0", "disk", device("/dev/xa1", "8:1", "part"))
    lv = device("/dev/mapper/drd00-root", "253:0", "lvm")
    clone = device(
        "/dev/xb", "8:16", "disk",
        device("/dev/xb1", "8:17", "part"), device("/dev/xb2", "8:18", "part", lv),
    )  # fmt: skip
    found = clone_devices(["253:0"], devices(booted, clone), ["8:1"])
    assert found.nodes == (
        (b"mapper/drd00-root", "253:0"), (b"xb", "8:16"), (b"xb1", "8:17"), (b"xb2", "8:18"),
    )  # fmt: skip


def test_of_a_disk_that_both_share_just_the_clones_own() -> None:
    disk = device(
        "/dev/xa", "8:0", "disk",
        device("/dev/xa1", "8:1", "part"), device("/dev/xa2", "8:2", "part"),
    )  # fmt: skip
    found = clone_devices(["8:2"], devices(disk), ["8:1"])
    assert found.nodes == ((b"xa2", "8:2"),)
