r"""Mounts anywhere on the machine whose names hold what Python takes for the end of a line.

The kernel escapes `\n` in its table of mounts, and prints all of these as they are. Any user can
make such a mount with FUSE.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from .lab.files import put
from .lab.mounts import Mounts
from .lab.pair import Pair

ODD = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
COMMANDS = ("status", "check", "preview", "sync", "report", "explain /etc/motd", "accept /etc/motd")


def run_all(pair: Pair) -> None:
    put(pair.booted, "etc/motd", b"booted\n")
    put(pair.clone, "etc/hosts", b"clone\n")
    for command in COMMANDS:
        pair.run(*command.split(), ok=2 if command.startswith("accept") else 0)
    assert (pair.clone / "etc/motd").read_bytes() == b"booted\n"


@pytest.mark.parametrize("name", [*ODD, f"a{ODD}b", os.fsdecode(b"\xff\r\x85")])
def test_no_command_minds_one_elsewhere(filled: Pair, mounts: Mounts, name: str) -> None:
    point = filled.home / f"x{name}y"
    point.mkdir()
    mounts.tmpfs(point)
    run_all(filled)


def test_one_in_the_booted_tree_is_not_entered(filled: Pair, mounts: Mounts) -> None:
    point = filled.booted / f"mnt{ODD}"
    point.mkdir()
    mounts.tmpfs(point)
    put(point, "inside")
    run_all(filled)
    assert list((filled.clone / point.name).iterdir()) == []


def test_a_clone_at_one_is_found_and_synced(pair: Pair, mounts: Mounts) -> None:
    point = pair.home / f"clone{ODD}"
    point.mkdir()
    mounts.bind(pair.clone, point)
    pair.configure(clone={"root": str(point)})
    put(pair.booted, "etc/motd")
    pair.run("clone")
    assert (pair.clone / "etc/motd").exists()
    assert pair.json("status")["clone"]["mounted"] is True


def test_the_type_of_a_fuse_file_system_may_be_any_text(filled: Pair, mounts: Mounts) -> None:
    dead = filled.home / "dead"
    dead.mkdir()
    mounts.dead_fuse(dead, b"fuse.\xff " + ODD.encode())
    run_all(filled)


def test_reports_hold_one_path_a_line(filled: Pair) -> None:
    put(filled.booted, f"srv/new{ODD}")
    filled.sync()
    assert filled.report_file("to_be_copied").read_bytes().count(b"\n") == 1
    raw = filled.run("report", "-0", "files_to_be_copied").stdout
    assert raw == b"/srv/new" + ODD.encode() + b"\0"
    assert Path(filled.clone / f"srv/new{ODD}").exists()
