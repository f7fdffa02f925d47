"""A preview tells what a sync would do, and changes nothing."""

from __future__ import annotations

import os
import re
import shutil
from typing import Any

from .lab.files import put, setfacl
from .lab.pair import Pair
from .lab.terminal import on_a_terminal


def diverge(pair: Pair) -> None:
    put(pair.booted, "etc/motd", b"booted\n")
    put(pair.booted, "srv/new/file", bytes(5000))
    put(pair.booted, "boot/vmlinuz")
    put(pair.booted, "etc/hosts", b"booted\n")
    put(pair.clone, "etc/hosts", b"clone\n")
    put(pair.clone, "etc/hostname", b"clone\n")
    shutil.rmtree(pair.booted / "var/spool")
    setfacl(pair.booted / "srv/data", "-m", "u:1001:rx")


def test_it_changes_nothing_on_either_side(filled: Pair, rsync: str) -> None:
    diverge(filled)
    before = filled.both(ctimes=True, directory_times=True, with_root=True)
    counts = filled.preview()
    assert (counts["copied"], counts["deleted"]) == (0, 0)
    assert filled.both(ctimes=True, directory_times=True, with_root=True) == before


def test_it_leaves_the_record_as_it_was(filled: Pair) -> None:
    diverge(filled)
    record = (filled.state / "record").read_bytes()
    filled.preview()
    assert (filled.state / "record").read_bytes() == record
    assert not (filled.state / "intent").exists()


def test_it_counts_what_the_sync_then_does(filled: Pair) -> None:
    diverge(filled)
    preview = filled.preview()
    sync = filled.sync()
    assert preview["files_to_be_copied"] == sync["files_to_be_copied"] == sync["copied"]
    assert preview["erased_on_booted_system"] == sync["deleted"]
    assert {**preview, "copied": 0, "deleted": 0} == {**sync, "copied": 0, "deleted": 0}


def test_it_shows_each_report_and_what_rsync_would_do(filled: Pair) -> None:
    diverge(filled)
    shown = filled.run("preview").stdout
    for name in (b"target_changed", b"non_synced_location", b"erased_on_booted_system"):
        assert name in shown
    assert b">f.st......|etc/motd" in shown
    assert re.search(rb"to be copied +\d+ +[\d,]+ +files_to_be_copied *\n", shown)
    assert re.search(rb"erased on the booted system +\d+ +\d+ +erased_on_booted_system *\n", shown)
    most = shown.partition(b"Most to copy:\n")[2].partition(b"\n\n")[0]
    assert re.search(rb"^ +[\d.]+ k?B +\d+ files +/srv/new$", most, re.MULTILINE)


def test_it_shows_what_becomes_of_the_root_directory(filled: Pair) -> None:
    filled.booted.chmod(0o750)
    assert b".d...p.....|./\n" in filled.run("preview").stdout
    filled.sync()
    assert b"rsync would do" not in filled.run("preview").stdout


def test_a_directory_that_became_a_file_is_shown_as_the_sync_does_it(filled: Pair) -> None:
    shutil.rmtree(filled.booted / "srv/data")
    put(filled.booted, "srv/data", b"a file\n")
    told = filled.run("preview", "-v").stdout.decode()
    assert "cannot delete" not in told
    assert ">f+++++++++|srv/data" in told
    assert (filled.clone / "srv/data").is_dir()
    filled.sync()
    assert filled.differences() == []


def test_without_a_record_it_makes_none(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    before = twins.both(ctimes=True, with_root=True)
    twins.preview()
    assert twins.both(ctimes=True, with_root=True) == before
    assert not (twins.state / "record").exists()
    # Had the preview recorded the pair as in step, this would now look like a booted change.
    twins.sync()
    assert twins.report("target_changed") == [b"/etc/motd"]


def test_much_divergence_is_met_with_advice(filled: Pair) -> None:
    for number in range(20):
        put(filled.booted, f"srv/data/{number:02}", b"booted\n")
        put(filled.clone, f"srv/data/{number:02}", b"clone\n")
    told = filled.run("preview").stdout
    assert b"Advice: 21 of " in told and b"'drdwrap clone --overwrite'" in told
    filled.run("clone", "--overwrite")
    assert b"Advice" not in filled.run("preview").stdout


def test_attributes_are_read_only_where_lstat_leaves_something_open(filled: Pair) -> None:
    """Half a million files have theirs read by nobody."""
    asked = filled.home / "asked"

    def prepare() -> None:
        listxattr = os.listxattr

        def noted(path: Any, **options: Any) -> list[str]:
            with asked.open("ab") as file:
                file.write(os.fsencode(path) + b"\n")
            return listxattr(path, **options)

        setattr(os, "listxattr", noted)  # noqa: B010 (mypy knows it as a function)

    assert filled.start("preview", prepare=prepare).wait().returncode == 0
    assert not asked.exists()
    setfacl(filled.booted / "etc/motd", "-m", "u:1001:r")
    assert filled.start("preview", prepare=prepare).wait().returncode == 0
    assert {line.rpartition(b"/")[2] for line in asked.read_bytes().splitlines()} == {b"motd"}


def test_on_a_narrow_terminal_the_figures_are_whole(filled: Pair) -> None:
    """The titles are folded instead."""
    diverge(filled)
    put(filled.booted, "srv/large", os.urandom(1_234_567))
    told = on_a_terminal(filled, "preview", width=80).decode()
    assert re.search(r"to be copied +\d+ +[\d,]*1,2\d\d,\d\d\d +files_to_be_copied", told)
    assert re.search(r" \d+ +\d+ +erased_on_booted_system", told)
    assert "…" not in told
    table = told.partition("on the initial list")[2].partition("Most to copy")[0]
    assert max(map(len, table.splitlines())) <= 80
