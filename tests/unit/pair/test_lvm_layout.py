"""Whether the clone is booted, by the device mapper's names."""

from __future__ import annotations

from pathlib import Path

import pytest

from drdwrap.config.model import from_mapping
from drdwrap.linux.mountinfo import mounts
from drdwrap.pair import directories, lvm, root_group


def mapped(sysfs: Path, number: str, name: str, *below: str) -> None:
    """A device of the device mapper, as sysfs has it."""
    (sysfs / number / "dm").mkdir(parents=True)
    (sysfs / number / "dm/name").write_text(f"{name}\n")
    for place, one in enumerate(below):
        (sysfs / number / f"slaves/{place}").mkdir(parents=True)
        (sysfs / number / f"slaves/{place}/dev").write_text(f"{one}\n")


@pytest.mark.parametrize(
    ("name", "group", "expected"),
    [
        ("drd00-root", "drd00", True),
        ("vg00-root", "drd00", False),
        ("drd001-root", "drd00", False),
        ("drd--1-root", "drd-1", True),
        ("drd-1", "drd-1", False),
        ("drd00--old-root", "drd00", False),
        ("debian--vg-root", "debian", False),
    ],
)
def test_the_roots_own_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, group: str, expected: bool
) -> None:
    mapped(tmp_path, "253:0", name)
    assert booted_from_clone(monkeypatch, tmp_path, group) is expected


def test_a_root_that_is_encrypted_in_its_volume(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    mapped(tmp_path, "253:0", "luks-1", "253:1")
    mapped(tmp_path, "253:1", "drd00-root")
    assert booted_from_clone(monkeypatch, tmp_path, "drd00")


def test_a_root_that_is_not_a_mapped_device(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    assert not booted_from_clone(monkeypatch, tmp_path, "drd00")
    assert not directories.booted_from_clone(from_mapping({"layout": "directories"}))


def booted_from_clone(monkeypatch: pytest.MonkeyPatch, sysfs: Path, group: str) -> bool:
    table = mounts(b"1 0 253:0 / / rw - ext4 /dev/mapper/some rw")
    monkeypatch.setattr(root_group, "_SYSFS", sysfs)
    monkeypatch.setattr(lvm, "mounts", lambda: table)
    return lvm.booted_from_clone(from_mapping({"clone": {"volume_group": group}}))
