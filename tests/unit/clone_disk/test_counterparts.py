"""Each booted device that configuration may name, and its counterpart on the clone."""

from __future__ import annotations

import os
from typing import Any

import pytest
from integration.lab.block_reports import (
    GIB,
    device,
    group,
    groups,
    logical,
    origin,
    physical,
    system_disk,
    tree,
)

from drdwrap.boot.references.device import Counterpart
from drdwrap.clone_disk import counterparts
from drdwrap.clone_disk.counterparts import (
    existing_counterparts,
    planned_counterparts,
    references_to_booted,
)
from drdwrap.clone_disk.existing_disk import CloneDisk

from .existing import clone


def names(found: list[Counterpart]) -> dict[bytes, bytes | None]:
    return {one.booted.path: one.clone.path if one.clone else None for one in found}


def test_everything_that_is_cloned_has_a_counterpart_and_nothing_else_has() -> None:
    disk = system_disk()
    spare = device("/dev/vda5", "254:5", "part", GIB, fstype="swap", uuid="u-spare")
    disk["children"].append(spare)
    found = names(planned_counterparts(origin(disk), tree(disk), encrypted=False))
    without = {path for path, other in found.items() if other is None}
    assert without >= {b"/dev/vda5"}
    assert {b"/dev/mapper/vg00-root", b"/dev/vda1"}.isdisjoint(without)


def data(disk: str, number: int) -> dict[str, Any]:
    """A partition with a volume of another group."""
    child = device(
        "/dev/mapper/vg--1-my--data", f"253:{number}", "lvm", GIB, fstype="ext4", uuid="0000-1111"
    )
    part = f"254:{number}"
    return device(f"{disk}5", part, "part", GIB, fstype="LVM2_member", children=[child])


def left(*disks: dict[str, Any], text: bytes) -> list[str]:
    booted = origin(*disks, named=["253:20"])
    found = planned_counterparts(booted, tree(*disks), encrypted=False)
    references = references_to_booted(booted, "drd00", found)
    return [one.what for one in references.left_in(text) if not one.mendable]


def test_what_is_not_cloned_of_the_booted_disk_is_reported_by_any_name() -> None:
    text = b"UUID=0000-1111 /a\n/dev/vg-1/my-data /b\n/dev/mapper/vg--1-my--data /c\n"
    names = ["0000-1111", "/dev/vg-1/my-data", "/dev/mapper/vg--1-my--data"]
    disk = system_disk()
    disk["children"].append(data("/dev/vda", 20))
    assert left(disk, text=text) == names
    second = device("/dev/vdb", "254:16", "disk", GIB, children=[data("/dev/vdb", 20)])
    assert left(system_disk(), second, text=text) == []


def test_the_kernels_name_of_a_volume_is_mended_too(monkeypatch: pytest.MonkeyPatch) -> None:
    nodes = {"/dev/mapper/vg00-swap": "/dev/dm-2", "/dev/mapper/pv": "/dev/dm-9"}
    monkeypatch.setattr(os.path, "realpath", lambda path: nodes.get(path, path))
    disk = system_disk()
    below = disk["children"][1]
    crypt = device("/dev/mapper/pv", "253:9", "crypt", GIB, children=below["children"])
    below |= {"fstype": "crypto_LUKS", "children": [crypt]}
    booted, devices = origin(disk), tree(disk)
    (drd00,) = groups(
        [group("drd00", "d")],
        [
            logical(name, vg_uuid="d", lv_dm_path=f"/dev/mapper/drd00-{name}")
            for name in ("root", "var", "swap")
        ],
        [physical("/dev/vdb3", "d")],
    )
    monkeypatch.setattr(counterparts, "number_of", {"/dev/vda2": "253:9"}.get)
    found = existing_counterparts(booted, drd00, clone(), devices)
    references = references_to_booted(booted, "drd00", found)
    text = b"RESUME=/dev/dm-2 /dev/dm-20 /dev/dm-9\n"
    assert references.mended(text) == b"RESUME=/dev/mapper/drd00-swap /dev/dm-20 /dev/dm-9\n"
    assert [(one.what, one.mendable) for one in references.left_in(text)] == [
        ("/dev/dm-2", True),
        ("/dev/dm-9", False),
    ]


def test_a_group_on_two_disks_is_not_a_clone_that_drdwrap_made() -> None:
    (found,) = groups(
        [group("drd00", "d")],
        [logical("root", vg_uuid="d")],
        [physical("/dev/vdb1", "d"), physical("/dev/vdc1", "d")],
    )
    assert CloneDisk.of(found, tree(system_disk())) is None
