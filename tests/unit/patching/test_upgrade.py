"""What an upgrade has changed, and by which program."""

from __future__ import annotations

from pathlib import Path

import pytest

from drdwrap.errors import RefusedError
from drdwrap.patching import upgrade
from drdwrap.patching.upgrade import PackageChange


def test_new_removed_and_other_versions() -> None:
    before = {("a", "1"), ("b", "1"), ("kernel", "5"), ("same", "3")}
    after = {("a", "2"), ("c", "1"), ("kernel", "5"), ("kernel", "6"), ("same", "3")}
    assert list(upgrade.changed(before, after)) == [
        PackageChange("a", "1", "2"),
        PackageChange("b", "1", ""),
        PackageChange("c", "", "1"),
        PackageChange("kernel", "5", "5, 6"),
    ]


def test_the_clones_own_package_manager(tmp_path: Path) -> None:
    with pytest.raises(RefusedError, match="neither apt-get nor dnf"):
        upgrade.commands(bytes(tmp_path))
    (tmp_path / "usr/bin").mkdir(parents=True)
    (tmp_path / "usr/bin/dnf").touch()
    assert [words[0] for words in upgrade.commands(bytes(tmp_path))] == [b"dnf"]
    (tmp_path / "usr/bin/apt-get").touch()
    update, whole = upgrade.commands(bytes(tmp_path))
    assert update == (b"apt-get", b"update")
    assert b"Dpkg::Options::=--force-confold" in whole and whole[-1] == b"full-upgrade"
