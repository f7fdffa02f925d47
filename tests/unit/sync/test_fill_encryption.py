"""What was copied of encrypted directories before it was known is taken back from the clone."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from unit.entries import trees
from unit.linux.test_deep_tree import deep

from drdwrap.linux import deep_tree
from drdwrap.sync.begin import Run
from drdwrap.sync.fill_encryption import StayingOut, take_back


def test_trees_of_any_depth_are_taken_back_and_nothing_else(tmp_path: Path) -> None:
    run = cast(Run, SimpleNamespace(trees=trees(tmp_path)))
    for name in ("home/u", "home/other", "link"):
        (tmp_path / "clone" / name).mkdir(parents=True)
    deep(tmp_path / "clone/home/u", 3000)
    (tmp_path / "clone/home/u/letter").touch()
    (tmp_path / "clone/home/u/link").symlink_to("../other")
    (tmp_path / "clone/home/other/kept").touch()
    (tmp_path / "clone/home/other/sealed").touch()
    out = StayingOut({b"home/u": "why", b"home/gone": "why"}, {b"home/other/sealed": "why"})
    try:
        take_back(run, out)
        assert os.listdir(tmp_path / "clone/home/u") == []
    finally:
        deep_tree.remove(bytes(tmp_path / "clone/home/u"))  # pytest cannot
    assert os.listdir(tmp_path / "clone/home/other") == ["kept"]
