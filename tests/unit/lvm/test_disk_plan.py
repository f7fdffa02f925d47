"""The plan of a clone's disk, and what speaks against a disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch

import pytest
from integration.lab.block_reports import (
    GIB,
    MIB,
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
from drdwrap.clone_disk import disk_plan, file_system, make, target
from drdwrap.clone_disk.disk_plan import BIOS_BOOT, LUKS, LVM, DiskPlan
from drdwrap.clone_disk.source import UEFI
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.linux.lvm import VolumeGroup


def planned(sizes: dict[str, int] | None = None, *, encrypted: bool = False) -> DiskPlan:
    return disk_plan.make(origin(), "drd00", sizes or {}, encrypted=encrypted)


def test_the_volumes_are_as_large_as_the_booted_ones_or_as_asked() -> None:
    made = planned({"var": 2 * GIB + 1})
    assert [(v.name, v.size, v.mount_point) for v in made.volumes] == [
        ("root", GIB, b""),
        ("var", 2 * GIB + 4 * MIB, b"var"),
        ("swap", GIB, None),
    ]


def test_a_bios_machine_has_a_place_for_grub_and_an_uefi_machine_none() -> None:
    types = [one.type for one in planned().partitions]
    assert (types[0], types[-1]) == (BIOS_BOOT, LVM)
    uefi = disk_plan.make(origin(firmware=UEFI), "drd00", {}, encrypted=False)
    assert BIOS_BOOT not in [one.type for one in uefi.partitions]


def test_encryption_needs_room_of_its_own() -> None:
    made = planned(encrypted=True)
    assert made.partitions[-1].type == LUKS
    assert made.needed == planned().needed + 16 * MIB


def test_the_disk_needed_has_room_for_all_extents() -> None:
    """As LVM counts: from the first MiB of the last partition on, in whole extents."""
    made = planned()
    start = MIB + sum(one.size for one in made.partitions)
    end = made.needed - 34 * 512  # GPT's copy at the end of the disk
    last = (end - start) // MIB * MIB
    assert (last - MIB) // made.extent_size * made.extent_size >= sum(v.size for v in made.volumes)


def test_the_partition_table_is_written_for_sfdisk() -> None:
    made = planned()
    script = make.partition_script(made.partitions, ["u1", "u2", "u3"]).decode()
    assert script.splitlines()[0] == "label: gpt"
    assert script.splitlines()[1].startswith("size=1MiB, type=21686148")
    assert script.splitlines()[2].startswith("size=256MiB")
    assert "size=" not in script.splitlines()[3]


@pytest.mark.parametrize(
    ("label", "apart"),
    [
        ("", ""),
        ("root", "root-drd"),
        ("abcdefghijklmnop", "abcdefghijkl-drd"),
        ("abcdefghijkl-drd", "abcdefghijkl-dr2"),
        ("abcdefghijkl-dr2", "abcdefghijkl-drd"),
    ],
)
def test_no_label_is_its_clones(label: str, apart: str) -> None:
    assert file_system.label_apart(label, 16) == apart


def judged(
    disk: dict[str, Any],
    *more: VolumeGroup,
    overwrite: bool = False,
    block_size: int = 4096,
    signatures: Sequence[str] = (),
) -> list[Check]:
    numbers = {"/dev/vda2": "254:2", "/dev/vdb1": "254:17", "/dev/vdc1": "254:33"}
    with patch.object(target, "number_of", lambda path: numbers.get(path, "")):
        return target.judge(
            _parsed(disk),
            origin(),
            planned(),
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


def test_the_booted_disk_is_refused_whatever_is_said() -> None:
    assert "the clone's disk holds no part of the booted system" in failed(
        judged(system_disk(), overwrite=True)
    )


def test_a_disk_that_fstab_names_is_refused_whatever_is_said() -> None:
    """It may be mounted by hand, or at the next boot."""
    part = device("/dev/vdb1", "254:17", "part", 7 * GIB, fstype="ext4")
    disk = empty(pttype="gpt", children=[part])
    system = origin(system_disk(), disk, named=["254:17"])
    checks = target.judge(_parsed(disk), system, planned(), [], [4096], [], overwrite=True)
    assert failed(checks) == ["the clone's disk holds no part of the booted system"]


def test_a_disk_in_use_is_refused_whatever_is_said() -> None:
    mounted = used(fstype="ext4", mountpoints=["/srv"])
    names = failed(judged(mounted, overwrite=True))
    assert names == ["the clone's disk is not in use"]


def test_a_disk_with_something_on_it_needs_overwrite() -> None:
    checks = judged(used(fstype="ext4"))
    assert failed(checks) == ["the clone's disk is empty"]
    assert failed(judged(used(fstype="ext4"), overwrite=True)) == []
    assert failed(judged(empty(fstype="xfs"))) == ["the clone's disk is empty"]


def test_what_lsblk_does_not_tell_is_something_on_the_disk_as_well() -> None:
    (check,) = [c for c in judged(empty(), signatures=["/dev/vdb has zfs_member"]) if not c.ok]
    assert (check.name, check.found) == ("the clone's disk is empty", "/dev/vdb has zfs_member")
    assert failed(judged(empty(), signatures=["/dev/vdb has ext4"], overwrite=True)) == []


def test_a_disk_too_small_is_refused_with_what_is_needed() -> None:
    made = planned()
    (check,) = [c for c in judged(empty(made.needed - 1)) if not c.ok]
    assert check.name == "the clone's disk is large enough"
    assert f"{made.needed / 1e6:.0f} MB are needed" in check.found
    assert failed(judged(empty(made.needed))) == []


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


def test_the_old_clone_goes_only_if_that_is_said() -> None:
    assert "the name drd00 is free" in failed(judged(with_volume(), old_clone()))
    assert failed(judged(with_volume(), old_clone(), overwrite=True)) == []


def test_a_disk_of_another_volume_group_is_refused_whatever_is_said() -> None:
    names = failed(judged(with_volume(), old_clone("data"), overwrite=True))
    assert "the clone's disk is in no other volume group" in names


def test_the_clones_name_on_another_disk_is_not_free() -> None:
    elsewhere = old_clone(device_="/dev/vdc1")
    assert failed(judged(empty(), elsewhere, overwrite=True)) == ["the name drd00 is free"]


def test_a_disk_with_sectors_larger_than_the_blocks_is_refused() -> None:
    large = empty(**{"log-sec": 4096})
    name = "the clone's disk has sectors as small as the booted file systems' blocks"
    assert failed(judged(large, block_size=1024)) == [name]
    assert failed(judged(large)) == []


def test_a_container_that_a_failed_making_left_open_goes_with_the_old_clone() -> None:
    crypt = device("/dev/mapper/luks-x", "254:17", "crypt", GIB, fstype="LVM2_member")
    disk = empty(pttype="gpt", children=[crypt])
    assert failed(judged(disk, old_clone(), overwrite=True)) == []
    assert "the clone's disk is not in use" in failed(judged(disk, overwrite=True))


@pytest.mark.parametrize("kind", ["part", "lvm", "crypt", "mpath", "loop"])
def test_only_a_whole_disk_is_taken(kind: str) -> None:
    devices = tree(device("/dev/sdx1", "8:1", kind, GIB))
    with patch.object(target, "number_of", lambda _: "8:1"):
        disk, checks = target.find("/dev/sdx1", devices)
    assert disk is None
    assert failed(checks) == ["the clone's disk is a whole disk"]


def test_an_unstable_name_is_refused_and_the_stable_one_named() -> None:
    devices = tree(empty())
    names = {"/dev/disk/by-id": ["virtio-second"], "/dev/disk/by-path": ["pci-1"]}
    with (
        patch.object(target, "number_of", lambda _: "254:16"),
        patch("os.listdir", lambda path: names[path]),
    ):
        _, checks = target.find("/dev/vdb", devices)
        assert failed(checks) == ["the clone's disk is named for good"]
        assert checks[-1].remedy == "name it /dev/disk/by-id/virtio-second"
        for name in ("/dev/disk/by-id/virtio-second", "/dev/disk/by-path/pci-1"):
            assert failed(target.find(name, devices)[1]) == []
