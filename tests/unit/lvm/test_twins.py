"""What stands for what: each booted device that configuration may name, and the clone's."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import Any
from unittest.mock import Mock

import pytest
from integration.lab.block_reports import (
    GIB,
    MIB,
    TABLE,
    device,
    group,
    groups,
    logical,
    origin,
    physical,
    system_disk,
    tree,
)

from drdwrap.actions import mount as actions
from drdwrap.boot.device import Twin
from drdwrap.clone_disk import counterparts, preconditions, source
from drdwrap.clone_disk.counterparts import CloneDisk
from drdwrap.errors import RefusedError
from drdwrap.linux import block_devices
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair.volume_groups import Found

WITHOUT_BOOT = TABLE.replace(b"3 1 254:1 / /boot rw - ext4 /dev/vda1 rw\n", b"")


def names(found: list[Twin]) -> dict[bytes, bytes | None]:
    return {twin.booted.path: twin.clone.path if twin.clone else None for twin in found}


def test_all_that_is_cloned_will_have_a_twin_and_what_else_is_there_has_none() -> None:
    disk = system_disk()
    spare = device("/dev/vda5", "254:5", "part", GIB, fstype="swap", uuid="u-spare")
    disk["children"].append(spare)
    found = names(counterparts.planned(origin(disk), tree(disk), encrypted=False))
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
    found = counterparts.planned(booted, tree(*disks), encrypted=False)
    references = counterparts.references(booted, "drd00", found)
    return [one.what for one in references.left_in(text) if not one.mendable]


def test_what_else_is_on_the_booted_disk_is_left_behind_however_it_is_named() -> None:
    text = b"UUID=0000-1111 /a\n/dev/vg-1/my-data /b\n/dev/mapper/vg--1-my--data /c\n"
    names = ["0000-1111", "/dev/vg-1/my-data", "/dev/mapper/vg--1-my--data"]
    disk = system_disk()
    disk["children"].append(data("/dev/vda", 20))
    assert left(disk, text=text) == names
    second = device("/dev/vdb", "254:16", "disk", GIB, children=[data("/dev/vdb", 20)])
    assert left(system_disk(), second, text=text) == []


def test_what_the_kernel_calls_a_volume_is_mended_too(monkeypatch: pytest.MonkeyPatch) -> None:
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
    found = counterparts.found(booted, drd00, clone(), devices)
    references = counterparts.references(booted, "drd00", found)
    text = b"RESUME=/dev/dm-2 /dev/dm-20 /dev/dm-9\n"
    assert references.mended(text) == b"RESUME=/dev/mapper/drd00-swap /dev/dm-20 /dev/dm-9\n"
    assert [(one.what, one.mendable) for one in references.left_in(text)] == [
        ("/dev/dm-2", True),
        ("/dev/dm-9", False),
    ]


def clone_disk() -> dict[str, Any]:
    parts = [
        device(f"/dev/vdb{number}", f"254:{16 + number}", "part", MIB, partlabel=name)
        for number, name in ((1, "drdwrap-bios"), (2, "drdwrap-boot"), (3, "drdwrap-lvm"))
    ]
    return device("/dev/vdb", "254:16", "disk", 8 * GIB, children=parts)


def clone() -> CloneDisk:
    disk = tree(clone_disk()).roots[0]
    return CloneDisk(disk, disk.children[2], None, disk.children[1], None)


def test_the_clones_own_boot_partition_is_known_by_its_name() -> None:
    systems = clone().boot_file_systems(origin())
    assert [(s.device, s.mount_point) for s in systems] == [("/dev/vdb2", b"boot")]
    assert preconditions.boot_partitions(origin(), clone()).ok
    assert not preconditions.boot_partitions(origin(), None).ok


def test_a_boot_partition_is_not_left_out_because_the_booted_one_is_not_mounted() -> None:
    """It may be noauto, or an automount that is idle: its place on the clone would be empty."""
    check = preconditions.booted_boot(origin(table=WITHOUT_BOOT), clone())
    assert not check.ok and check.found == "/boot is not"
    assert preconditions.booted_boot(origin(), clone()).ok
    esp = device("/dev/vdb4", "254:20", "part", MIB, partlabel="drdwrap-esp")
    with_esp = replace(clone(), esp=tree(esp).roots[0])
    check = preconditions.booted_boot(origin(), with_esp)
    assert not check.ok and "EFI" in check.found
    plain = replace(clone(), boot=None)
    assert preconditions.booted_boot(origin(table=WITHOUT_BOOT), plain).ok


def test_mount_refuses_where_it_would_leave_a_boot_partition_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    disks = tree(system_disk())
    (drd00,) = groups(
        [group("drd00", "d")],
        [logical(name, vg_uuid="d") for name in ("root", "var")],
        [physical("/dev/vdb3", "d")],
    )

    def planned(table: bytes, *named: str) -> list[bytes]:
        booted = origin(system_disk(), clone_disk(), table=table, named=named)
        found = Found((drd00,), booted.root, "drd00", b"/run/nothing/there", tuple(mounts(table)))
        monkeypatch.setattr(actions, "_found", lambda *_: found)
        monkeypatch.setattr(block_devices, "devices", lambda: disks)
        monkeypatch.setattr(CloneDisk, "of", lambda *_: clone())
        monkeypatch.setattr(source, "of_booted", lambda *_: booted)
        return [system.mount_point for system in actions.planned(Mock(), Mock())]

    assert planned(TABLE) == [b"", b"var", b"boot"]
    assert planned(TABLE, "254:18") == [b"", b"var", b"boot"]  # fstab may name the clone's
    with pytest.raises(RefusedError, match="/boot is not") as refused:
        planned(WITHOUT_BOOT)
    assert "mount /boot" in refused.value.hint


def test_a_clone_on_a_disk_of_the_booted_system_is_refused() -> None:
    assert preconditions.apart(origin(), clone()).ok
    shared = CloneDisk(tree(system_disk()).roots[0], *([None] * 4))  # type: ignore[arg-type]
    assert not preconditions.apart(origin(), shared).ok


def test_encryption_is_as_the_source_has_it_or_as_it_was_said() -> None:
    disk = system_disk()
    below = disk["children"][1]
    crypt = device("/dev/mapper/pv", "253:9", "crypt", GIB, children=below["children"])
    below |= {"fstype": "crypto_LUKS", "children": [crypt]}

    def failed(*, encrypted: bool, unencrypted: bool, secret: bool) -> list[str]:
        system = origin(disk) if secret else origin()
        checks = preconditions.encryption(system, encrypted=encrypted, unencrypted=unencrypted)
        return [check.name for check in checks if not check.ok]

    open_ = "an encrypted source gets an encrypted clone"
    assert failed(encrypted=False, unencrypted=False, secret=True) == [open_]
    assert failed(encrypted=True, unencrypted=False, secret=True) == []
    assert failed(encrypted=False, unencrypted=True, secret=True) == []
    assert failed(encrypted=False, unencrypted=False, secret=False) == []
    only = "only an encrypted source gets an encrypted clone"
    assert failed(encrypted=True, unencrypted=False, secret=False) == [only]


def test_one_group_on_two_disks_is_no_clone_that_drdwrap_made() -> None:
    (found,) = groups(
        [group("drd00", "d")],
        [logical("root", vg_uuid="d")],
        [physical("/dev/vdb1", "d"), physical("/dev/vdc1", "d")],
    )
    assert CloneDisk.of(found, tree(system_disk())) is None
