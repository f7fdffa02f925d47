"""Paths that become something else: a copy when the clone is untouched, never a loss."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from .lab.files import LONG_AGO, put, set_mtime
from .lab.pair import Pair


def file(path: Path) -> None:
    path.write_bytes(b"a file\n")


def directory(path: Path) -> None:
    path.mkdir()
    put(path, "deep/inside", b"inside\n")


def link(path: Path) -> None:
    path.symlink_to("etc/motd")


def link_to_directory(path: Path) -> None:
    path.symlink_to("/etc")


def fifo(path: Path) -> None:
    os.mkfifo(path)


def device(path: Path) -> None:
    os.mknod(path, 0o20644, os.makedev(1, 3))


def remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


Maker = Callable[[Path], None]
MAKERS: list[Maker] = [file, directory, link, link_to_directory, fifo, device]
TURNS = [
    (old, new, f"{old.__name__}-{new.__name__}")
    for old in MAKERS
    for new in MAKERS
    if old is not new
]


def test_every_type_becomes_every_other(filled: Pair, rsync: str) -> None:
    for old, _, name in TURNS:
        old(filled.booted / name)
    filled.sync()
    for _, new, name in TURNS:
        remove(filled.booted / name)
        new(filled.booted / name)
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences() == []
    again = filled.sync()
    assert again["copied"] == again["deleted"] == 0


def test_every_type_changed_on_the_clone_is_kept(filled: Pair) -> None:
    for old, _, name in TURNS:
        old(filled.booted / name)
    filled.sync()
    for old, new, name in TURNS:
        remove(filled.clone / name)
        new(filled.clone / name)
        if old is file:
            (filled.booted / name).write_bytes(b"changed on the booted system too\n")
        else:
            remove(filled.booted / name)
            put(filled.booted, name, b"changed on the booted system too\n")
    kept = filled.both()[1]
    filled.sync()
    assert {os.fsencode(f"/{name}") for _, _, name in TURNS} <= {*filled.report("target_changed")}
    assert filled.both()[1] == kept


def test_a_directory_that_became_a_link_is_a_copy_and_no_deletion(filled: Pair, rsync: str) -> None:
    filled.configure(max_deletions=1)
    shutil.rmtree(filled.booted / "srv/data")
    (filled.booted / "srv/data").symlink_to("/mnt/data")
    inside = [
        b"/srv/data/" + os.fsencode(path.name) for path in (filled.clone / "srv/data").iterdir()
    ]
    told = filled.json("explain", os.fsdecode(inside[0]))
    assert told["outcome"] == "erased_on_booted_system"
    assert "goes with its directory" in told["reason"]
    counts = filled.sync()
    assert b"/srv/data" in filled.report("to_be_copied")
    assert set(inside) <= set(filled.report("erased"))
    assert counts["deleted"] == counts["erased_on_booted_system"] == len(filled.report("erased"))
    assert os.readlink(filled.clone / "srv/data") == "/mnt/data"
    assert filled.differences("srv/same-as-00") == []


@pytest.mark.parametrize("instead", [file, link_to_directory, fifo])
def test_a_directory_that_holds_something_of_the_clones_own_is_not_replaced(
    filled: Pair, instead: Maker
) -> None:
    put(filled.clone, "srv/data/own", b"clone\n")
    shutil.rmtree(filled.booted / "srv/data")
    instead(filled.booted / "srv/data")
    filled.sync()
    assert b"/srv/data" in filled.report("target_changed")
    assert (filled.clone / "srv/data/own").read_bytes() == b"clone\n"


def test_a_directory_with_a_file_changed_on_the_clone_is_not_replaced(filled: Pair) -> None:
    put(filled.clone, "srv/data/07", b"clone\n")
    shutil.rmtree(filled.booted / "srv/data")
    put(filled.booted, "srv/data", b"a file now\n")
    filled.sync()
    assert b"/srv/data" in filled.report("target_changed")
    assert (filled.clone / "srv/data/07").read_bytes() == b"clone\n"


def test_a_directory_with_something_excluded_below_is_not_replaced(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data/07"])
    shutil.rmtree(filled.booted / "srv/data")
    put(filled.booted, "srv/data", b"a file now\n")
    filled.sync()
    assert (filled.clone / "srv/data/07").exists()


def test_a_directory_that_another_tool_put_is_not_replaced(twins: Pair) -> None:
    shutil.rmtree(twins.booted / "srv/data")
    put(twins.booted, "srv/data", b"a file now\n")
    twins.sync()
    assert b"/srv/data" in twins.report("target_changed")
    assert len(list((twins.clone / "srv/data").iterdir())) == 20


def test_a_directory_that_both_sides_made_the_same_link_is_in_step(filled: Pair) -> None:
    filled.configure(max_deletions=1)
    for root in (filled.booted, filled.clone):
        shutil.rmtree(root / "srv/data")
        (root / "srv/data").symlink_to("/mnt/data")
        set_mtime(root / "srv/data", LONG_AGO)
    filled.sync()
    assert filled.reports() == {}
    filled.sync()
    assert filled.reports() == {}


def test_a_link_that_became_a_directory_is_not_written_through(filled: Pair, rsync: str) -> None:
    (filled.booted / "srv/linked").symlink_to("data")
    filled.sync()
    (filled.booted / "srv/linked").unlink()
    put(filled.booted, "srv/linked/00", b"not in data\n")
    filled.sync()
    assert not (filled.clone / "srv/linked").is_symlink()
    assert (filled.clone / "srv/data/00").read_bytes() != b"not in data\n"
    assert filled.differences() == []


def test_directories_that_trade_places_with_links_are_followed(filled: Pair, rsync: str) -> None:
    """What a merged /usr does: /lib becomes a link to usr/lib, and its files move there."""
    put(filled.booted, "lib/module", b"module\n")
    filled.sync()
    (filled.booted / "lib/module").rename(filled.booted / "usr/lib/module")
    (filled.booted / "lib").rmdir()
    (filled.booted / "lib").symlink_to("usr/lib")
    filled.sync()
    assert filled.differences() == []
    assert os.readlink(filled.clone / "lib") == "usr/lib"


def test_a_parent_that_is_a_link_on_the_clone_is_never_written_through(
    filled: Pair, rsync: str
) -> None:
    """Not even into the booted system, where the link points."""
    shutil.rmtree(filled.clone / "srv/data")
    (filled.clone / "srv/data").symlink_to(filled.booted / "home")
    put(filled.booted, "srv/data/new", b"new\n")
    before = filled.both(ctimes=True)
    filled.sync()
    assert b"/srv/data/new" in filled.report("target_changed")
    assert filled.both(ctimes=True) == before
