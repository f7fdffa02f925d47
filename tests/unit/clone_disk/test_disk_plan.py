"""The plan of a clone's disk, its partition table, and its labels."""

from __future__ import annotations

from dataclasses import replace

import pytest
from integration.lab.block_reports import (
    GIB,
    MIB,
    origin,
)

from drdwrap.clone_disk.disk_plan import (
    BIOS_BOOT,
    BIOS_NAME,
    LUKS,
    LVM,
    LVM_NAME,
    STATE_NAME,
    DiskPlan,
)
from drdwrap.clone_disk.make_disk import partition_script
from drdwrap.clone_disk.make_file_system import label_apart
from drdwrap.clone_disk.source import UEFI


def planned(sizes: dict[str, int] | None = None, *, encrypted: bool = False) -> DiskPlan:
    return DiskPlan.of(origin(), "drd00", sizes or {}, encrypted=encrypted)


def test_the_volumes_are_as_large_as_the_booted_ones_or_as_asked() -> None:
    made = planned({"var": 2 * GIB + 1})
    assert [(v.name, v.size, v.mount_point) for v in made.lvs] == [
        ("root", GIB, b""),
        ("var", 2 * GIB + 4 * MIB, b"var"),
        ("swap", GIB, None),
    ]


def test_a_bios_machine_has_a_partition_for_grub_and_an_uefi_machine_has_not() -> None:
    types = [one.type for one in planned().partitions]
    assert (types[0], types[-1]) == (BIOS_BOOT, LVM)
    uefi = DiskPlan.of(origin(firmware=UEFI), "drd00", {}, encrypted=False)
    assert BIOS_BOOT not in [one.type for one in uefi.partitions]


def test_a_clone_without_a_boot_partition_has_a_small_one_for_its_state() -> None:
    plain = replace(origin(), boot=())
    made = DiskPlan.of(plain, "drd00", {}, encrypted=False)
    assert [one.name for one in made.partitions] == [BIOS_NAME, STATE_NAME, LVM_NAME]
    assert STATE_NAME not in [one.name for one in planned().partitions]


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
    assert (last - MIB) // made.extent_size * made.extent_size >= sum(v.size for v in made.lvs)


def test_the_partition_table_is_written_for_sfdisk() -> None:
    made = planned()
    script = partition_script(made.partitions, ["u1", "u2", "u3"]).decode()
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
def test_a_label_differs_from_its_clones(label: str, apart: str) -> None:
    assert label_apart(label, 16) == apart
