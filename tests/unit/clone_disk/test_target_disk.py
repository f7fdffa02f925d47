"""Whether a disk may become the clone's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

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
    vg00,
)

from drdwrap.checks import Check
from drdwrap.clone_disk import stable_names
from drdwrap.clone_disk.disk_plan import DiskPlan
from drdwrap.clone_disk.preconditions import target_disk
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.linux.lvm import VolumeGroup

DISK_PLAN = DiskPlan.of(origin(), "drd00", {}, encrypted=False)


def judged(
    disk: dict[str, Any],
    *more: VolumeGroup,
    overwrite: bool = False,
    block_size: int = 4096,
    signatures: Sequence[str] = (),
) -> list[Check]:
    numbers = {"/dev/vda2": "254:2", "/dev/vdb1": "254:17", "/dev/vdc1": "254:33"}
    with patch.object(target_disk, "number_of", lambda path: numbers.get(path, "")):
        return target_disk.disk_checks(
            _parsed(disk),
            origin(),
            DISK_PLAN,
            [vg00(), *more],
            [block_size, 4096],
            signatures,
            overwrite=overwrite,
        )


def _parsed(disk: dict[str, Any]) -> BlockDevice:
    return tree(disk).roots[0]


def failed(checks: list[Check]) -> list[str]:
    return [check.name for check in checks if not check.ok]


def empty(size: int = 8 * GIB, **fields: Any) -> dict[str, Any]:
    return device("/dev/vdb", "254:16", "disk", size, **fields)


def used(**fields: Any) -> dict[str, Any]:
    part = device("/dev/vdb1", "254:17", "part", 7 * GIB, **fields)
    return empty(pttype="gpt", children=[part])


def test_an_empty_disk_of_the_right_size_is_taken() -> None:
    assert failed(judged(empty())) == []


def test_the_booted_disk_is_refused_even_with_overwrite() -> None:
    assert "the clone's disk holds no part of the booted system" in failed(
        judged(system_disk(), overwrite=True)
    )


def test_a_disk_that_fstab_names_is_refused_even_with_overwrite() -> None:
    """It may be mounted by hand, or at the next boot."""
    part = device("/dev/vdb1", "254:17", "part", 7 * GIB, fstype="ext4")
    disk = empty(pttype="gpt", children=[part])
    system = origin(system_disk(), disk, named=["254:17"])
    checks = target_disk.disk_checks(
        _parsed(disk), system, DISK_PLAN, [], [4096], [], overwrite=True
    )
    assert failed(checks) == ["the clone's disk holds no part of the booted system"]


def test_a_disk_in_use_is_refused_even_with_overwrite() -> None:
    mounted = used(fstype="ext4", mountpoints=["/srv"])
    names = failed(judged(mounted, overwrite=True))
    assert names == ["the clone's disk is not in use"]


def test_a_disk_with_something_on_it_needs_overwrite() -> None:
    checks = judged(used(fstype="ext4"))
    assert failed(checks) == ["the clone's disk is empty"]
    assert failed(judged(used(fstype="ext4"), overwrite=True)) == []
    assert failed(judged(empty(fstype="xfs"))) == ["the clone's disk is empty"]


def test_a_disk_is_not_empty_if_only_wipefs_finds_something_on_it() -> None:
    (check,) = [c for c in judged(empty(), signatures=["/dev/vdb has zfs_member"]) if not c.ok]
    assert (check.name, check.found) == ("the clone's disk is empty", "/dev/vdb has zfs_member")
    assert failed(judged(empty(), signatures=["/dev/vdb has ext4"], overwrite=True)) == []


def test_a_disk_too_small_is_refused_with_what_is_needed() -> None:
    needed = DISK_PLAN.needed
    (check,) = [c for c in judged(empty(needed - 1)) if not c.ok]
    assert check.name == "the clone's disk is large enough"
    assert f"{needed / 1e6:.0f} MB are needed" in check.found
    assert failed(judged(empty(needed))) == []


def test_a_read_only_disk_is_refused() -> None:
    assert failed(judged(empty(ro=True))) == ["the clone's disk can be written"]


def old_clone(name: str = "drd00", device_: str = "/dev/vdb1") -> VolumeGroup:
    (found,) = groups(
        [group(name, "drd-uuid")],
        [logical("root", "253:9", vg_uuid="drd-uuid")],
        [physical(device_, "drd-uuid")],
    )
    return found


def with_volume() -> dict[str, Any]:
    child = device("/dev/mapper/drd00-root", "253:9", "lvm", GIB, fstype="ext4")
    return used(fstype="LVM2_member", children=[child])


def test_the_old_clone_is_replaced_only_with_overwrite() -> None:
    assert "the name drd00 is free" in failed(judged(with_volume(), old_clone()))
    assert failed(judged(with_volume(), old_clone(), overwrite=True)) == []


def test_a_disk_of_another_volume_group_is_refused_even_with_overwrite() -> None:
    names = failed(judged(with_volume(), old_clone("data"), overwrite=True))
    assert "the clone's disk is in no other volume group" in names


def test_the_clones_name_on_another_disk_is_not_free() -> None:
    elsewhere = old_clone(device_="/dev/vdc1")
    assert failed(judged(empty(), elsewhere, overwrite=True)) == ["the name drd00 is free"]


def test_a_disk_with_sectors_larger_than_the_blocks_is_refused() -> None:
    large = empty(**{"log-sec": 4096})
    name = "the disk's sectors are not larger than the booted file systems' blocks"
    assert failed(judged(large, block_size=1024)) == [name]
    assert failed(judged(large)) == []


def test_a_container_left_open_by_a_failed_run_is_replaced_with_the_old_clone() -> None:
    crypt = device("/dev/mapper/luks-x", "254:17", "crypt", GIB, fstype="LVM2_member")
    disk = empty(pttype="gpt", children=[crypt])
    assert failed(judged(disk, old_clone(), overwrite=True)) == []
    assert "the clone's disk is not in use" in failed(judged(disk, overwrite=True))


@pytest.mark.parametrize("kind", ["part", "lvm", "crypt", "mpath", "loop"])
def test_only_a_whole_disk_is_taken(kind: str) -> None:
    devices = tree(device("/dev/sdx1", "8:1", kind, GIB))
    with patch.object(target_disk, "number_of", lambda _: "8:1"):
        disk, checks = target_disk.disk_at("/dev/sdx1", devices)
    assert disk is None
    assert failed(checks) == ["the clone's disk is a whole disk"]


def test_an_unstable_name_is_refused_and_the_stable_one_named() -> None:
    devices = tree(empty())
    names = {"/dev/disk/by-id": ["virtio-second"], "/dev/disk/by-path": ["pci-1"]}
    with (
        patch.object(target_disk, "number_of", lambda _: "254:16"),
        patch.object(stable_names, "number_of", lambda _: "254:16"),
        patch("os.listdir", lambda path: names[path]),
    ):
        _, checks = target_disk.disk_at("/dev/vdb", devices)
        assert failed(checks) == ["the clone's disk is named by a stable path"]
        assert checks[-1].remedy == "name it /dev/disk/by-id/virtio-second"
        for name in ("/dev/disk/by-id/virtio-second", "/dev/disk/by-path/pci-1"):
            assert failed(target_disk.disk_at(name, devices)[1]) == []
