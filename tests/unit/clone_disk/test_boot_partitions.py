"""The clone's own /boot and ESP, and the booted ones that show where they go."""

from __future__ import annotations

from dataclasses import replace
from unittest.mock import Mock

import pytest
from integration.lab.block_reports import (
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
from drdwrap.clone_disk.boot_partitions import booted_ones_are_mounted, has_boot_partitions
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import Source
from drdwrap.errors import RefusedError
from drdwrap.linux import block_devices
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair.volume_groups import VolumeGroups

from .existing import clone, clone_disk

WITHOUT_BOOT = TABLE.replace(b"3 1 254:1 / /boot rw - ext4 /dev/vda1 rw\n", b"")


def test_the_clones_own_boot_partition_is_known_by_its_name() -> None:
    systems = clone().boot_file_systems(origin())
    assert [(s.device, s.mount_point) for s in systems] == [("/dev/vdb2", b"boot")]
    assert has_boot_partitions(origin(), clone()).ok
    assert not has_boot_partitions(origin(), None).ok


def test_a_boot_partition_is_not_left_out_because_the_booted_one_is_not_mounted() -> None:
    """It may be noauto, or an idle automount: its directory on the clone would be empty."""
    check = booted_ones_are_mounted(origin(table=WITHOUT_BOOT), clone())
    assert not check.ok and check.found == "/boot is not"
    assert booted_ones_are_mounted(origin(), clone()).ok
    esp = device("/dev/vdb4", "254:20", "part", MIB, partlabel="drdwrap-esp")
    with_esp = replace(clone(), esp=tree(esp).roots[0])
    check = booted_ones_are_mounted(origin(), with_esp)
    assert not check.ok and "EFI" in check.found
    plain = replace(clone(), boot=None)
    assert booted_ones_are_mounted(origin(table=WITHOUT_BOOT), plain).ok


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
        found = VolumeGroups(
            (drd00,), booted.root, "drd00", b"/run/nothing/there", tuple(mounts(table))
        )
        monkeypatch.setattr(actions, "_checked", lambda *_: found)
        monkeypatch.setattr(block_devices, "devices", lambda: disks)
        monkeypatch.setattr(CloneDisk, "of", lambda *_: clone())
        monkeypatch.setattr(Source, "of_booted", lambda *_: booted)
        return [system.mount_point for system in actions.planned(Mock(), Mock())]

    assert planned(TABLE) == [b"", b"var", b"boot"]
    assert planned(TABLE, "254:18") == [b"", b"var", b"boot"]  # fstab may name the clone's
    with pytest.raises(RefusedError, match="/boot is not") as refused:
        planned(WITHOUT_BOOT)
    assert "mount /boot" in refused.value.hint
