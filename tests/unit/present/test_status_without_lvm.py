"""`status` says what is so where there is no volume group, and what to do about it.

What LVM reports is made up here: the machine of the tests need not have any.
"""

from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from integration.lab.block_reports import TABLE, group, groups, physical, vg00

from drdwrap.actions.status import status
from drdwrap.config.model import from_mapping
from drdwrap.errors import ProgramError
from drdwrap.linux import lvm as lvm_reports
from drdwrap.linux import process
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair import volume_groups
from drdwrap.present.status import show_status
from drdwrap.present.view import View

PLAIN = b"1 0 8:1 / / rw - ext4 /dev/sda1 rw\n"
HINT = "name the two trees under 'layout: directories'"


def told(tmp_path: Path) -> list[str]:
    (tmp_path / "state").mkdir()
    found = status(from_mapping({"state_dir": str(tmp_path / "state")}))
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        show_status(View(), found)
    return printed.getvalue().split("\n")


def machine(
    monkeypatch: pytest.MonkeyPatch, found: list[VolumeGroup], table: bytes = TABLE
) -> None:
    monkeypatch.setattr(lvm_reports, "groups", lambda: found)
    monkeypatch.setattr(volume_groups, "mounts", lambda: mounts(table))


def drd00(uuid: str) -> list[VolumeGroup]:
    return groups([group("drd00", uuid)], [], [physical(f"/dev/{uuid}", uuid)])


def test_without_lvm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    find = process.find_program

    def without_vgs(name: str) -> str:
        if name == "vgs":
            raise ProgramError("vgs: no such program")
        return find(name)

    monkeypatch.setattr(process, "find_program", without_vgs)
    lines = told(tmp_path)
    why = "LVM is not installed here (there is no vgs)"
    assert lines[:2] == [f"booted:         {why}", f"clone:          {why}"]
    remedy = f"install lvm2; if / is not on LVM, {HINT}"
    assert f"problem: check failed: LVM can be queried ({why}): {remedy}" in lines


def test_where_the_root_is_not_on_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(monkeypatch, drd00("a"), PLAIN)
    lines = told(tmp_path)
    assert lines[0] == "booted:         / is not on LVM: it is ext4 on /dev/sda1"
    assert lines[1].startswith("clone:          drd00 on ")
    assert any(line.startswith("problem: ") and line.endswith(HINT) for line in lines)


def test_without_a_clone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(monkeypatch, [vg00()])
    lines = told(tmp_path)
    assert lines[0].startswith("booted:         vg00 on ")
    assert lines[1] == "clone:          there is no volume group drd00"
    assert any("make the clone with 'drdwrap clone --disk DEVICE'" in line for line in lines)


def test_with_two_of_its_name(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    machine(monkeypatch, [vg00(), *drd00("a"), *drd00("b")])
    assert told(tmp_path)[1] == "clone:          there are 2 volume groups drd00"
