"""What has to hold of the booted system for a clone of it to be made."""

from __future__ import annotations

from pathlib import Path

import pytest
from integration.lab.block_reports import origin, system_disk, tree

from drdwrap.block import lvm
from drdwrap.disk import preconditions
from drdwrap.disk.preconditions import BootedTree
from drdwrap.volumes.checks import Check


def failed(root: Path, name: str) -> list[Check]:
    booted = BootedTree(bytes(root), lambda _: False)
    checks = preconditions.of_making(origin(), tree(system_disk()), "drd00", {}, None, booted)
    return [check for check in checks if check.name == name and not check.ok]


@pytest.mark.parametrize(
    ("listed", "activated"),
    [
        (None, True),
        (["vg00", "drd00"], True),
        (["drd00/root", "drd00/var", "drd00/swap"], True),
        (["vg00", "drd00/root"], False),
        (["vg00", "@tag", "@*"], False),
        ([], False),
    ],
)
def test_what_lvm_would_not_activate_is_not_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, listed: list[str] | None, activated: bool
) -> None:
    """What lvmconfig tells is made up here."""
    monkeypatch.setattr(lvm, "volume_list", lambda: listed)
    found = failed(tmp_path, "LVM activates the clone's volumes")
    assert (found == []) is activated
    if listed == ["vg00", "drd00/root"]:
        remedy = 'add it there: volume_list = [ "vg00", "drd00/root", "drd00" ]'
        assert found[0].remedy == remedy
