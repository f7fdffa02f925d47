"""The other image's volume group, whichever is booted. LVM's answers are made up."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest

from drdwrap.config.model import Config, from_mapping
from drdwrap.errors import ProgramError
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair import lvm as layout
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import MountedVolume, RootGroup
from drdwrap.pair.volume_groups import VolumeGroups
from drdwrap.record import marker, store
from drdwrap.record.marker import Marker
from drdwrap.record.other_image import seen_from_here
from drdwrap.record.store import Header

NOTHING = frozenset[str]()


def group(name: str, *lvs: str) -> VolumeGroup:
    made = (LogicalVolume(lv, f"{name}-{lv}", 1, NOTHING, NOTHING, "", "", "1:1") for lv in lvs)
    return VolumeGroup(name, f"uuid-{name}", 1, 1, 1, tuple(made))


VG00, DRD00 = group("vg00", "root", "var"), group("drd00", "root", "var")
DRD01, DATA = group("drd01", "root"), group("data", "files")


class Machine:
    """What is booted, the groups that LVM sees, and a root directory and state of its own."""

    def __init__(self, patch: pytest.MonkeyPatch, home: Path) -> None:
        self._patch, self.root = patch, home
        (home / "state").mkdir()
        patch.setattr(volume_groups, "BOOTED_ROOT", os.fsencode(home))

    def config(self) -> Config:
        return from_mapping({"state_dir": str(self.root / "state")})

    def boots(self, booted: VolumeGroup, groups: Sequence[VolumeGroup]) -> Config:
        """The configuration as it is seen then."""
        root = RootGroup(booted, (MountedVolume(b"", "ext4", b"", booted.lvs[0]),))
        found = VolumeGroups(tuple(groups), root, "drd00", b"/clone", tuple(mounts(b"")))
        self._patch.setattr(volume_groups, "found_now", lambda _: found)
        self._patch.setattr(layout, "booted_from_clone", lambda _: booted.name == "drd00")
        return seen_from_here(self.config())

    def mark(self, other: str) -> None:
        marker.write(os.fsencode(self.root), Marker("one", 3, other))

    def record(self, booted: VolumeGroup, clone: VolumeGroup) -> None:
        header = Header("one", 3, f"vg={booted.uuid} /=a", f"vg={clone.uuid} /=b")
        store.write(os.fsencode(self.root / "state/record"), header, [], [])


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    return Machine(monkeypatch, tmp_path)


def test_booted_from_the_original_the_configuration_is_as_it_is(machine: Machine) -> None:
    assert machine.boots(VG00, [VG00, DRD00]) == machine.config()


def test_the_marker_names_the_other_image(machine: Machine) -> None:
    machine.mark("vg=uuid-vg00")
    clone = machine.boots(DRD00, [DATA, DRD01, VG00, DRD00]).clone
    assert (clone.volume_group, clone.is_booted) == ("vg00", True)


def test_so_does_its_record(machine: Machine) -> None:
    machine.record(DRD00, VG00)
    assert machine.boots(DRD00, [DRD01, VG00, DRD00]).clone.volume_group == "vg00"


def test_without_either_it_is_the_one_with_such_a_root(machine: Machine) -> None:
    assert machine.boots(DRD00, [DATA, VG00, DRD00]).clone.volume_group == "vg00"


def test_of_several_none_is_guessed(machine: Machine) -> None:
    clone = machine.boots(DRD00, [DRD01, VG00, DRD00]).clone
    assert (clone.volume_group, clone.is_booted) == ("drd00", True)


def test_no_other_is_taken_for_the_one_that_is_not_there(machine: Machine) -> None:
    machine.mark("vg=uuid-vg00")
    clone = machine.boots(DRD00, [DRD01, DRD00]).clone
    assert (clone.volume_group, clone.is_booted) == ("drd00", True)


def test_without_lvm_only_that_the_clone_is_booted_is_known(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.boots(DRD00, [DRD00])

    def fail(_: object) -> None:
        raise ProgramError("vgs ended with status 5")

    monkeypatch.setattr(volume_groups, "found_now", fail)
    clone = seen_from_here(machine.config()).clone
    assert (clone.volume_group, clone.is_booted) == ("drd00", True)
