"""The reports: their names, their format, and that each path stands in one of them."""

from __future__ import annotations

import os
import stat

import pytest

from .lab.files import put
from .lab.pair import REPORTS, Pair


@pytest.fixture
def diverged(filled: Pair) -> Pair:
    """Something for every report that needs no package database."""
    for root in (filled.booted, filled.clone):
        (root / "boot").mkdir()
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "srv/new/file", b"booted\n")
    put(filled.booted, "boot/vmlinuz", b"booted\n")
    put(filled.booted, "etc/fstab", b"booted\n")
    put(filled.booted, "etc/hosts", b"booted\n")
    put(filled.clone, "etc/hosts", b"clone\n")
    put(filled.clone, "etc/hostname", b"clone\n")
    (filled.booted / "srv/data/07").unlink()
    return filled


def test_every_path_stands_in_exactly_one(diverged: Pair) -> None:
    counts = diverged.preview()
    told = diverged.reports()
    assert told["to_be_copied"] == [b"/etc/motd", b"/srv/new", b"/srv/new/file"]
    assert set(told["location"]) >= {b"/boot/vmlinuz", b"/etc/fstab"}
    assert told["target_changed"] == [b"/etc/hosts"]
    assert told["erased"] == [b"/srv/data/07"]
    assert told["clone_only"] == [b"/etc/hostname"]
    paths = [path for listed in told.values() for path in listed]
    assert len(paths) == len(set(paths))
    assert counts["files_to_be_copied"] == 3
    assert counts["non_synced_location"] == len(told["location"])
    assert counts["target_changed"] == counts["erased_on_booted_system"] == 1
    assert counts["changed_on_clone_only"] == 1
    assert counts["nonvolatile"] == counts["volatile"] == counts["owner"] == 0


def test_preview_and_sync_write_all_of_them_with_the_same_contents(diverged: Pair) -> None:
    diverged.preview()
    previewed = {name: diverged.report_file(name).read_bytes() for name in REPORTS}
    diverged.sync()
    assert {name: diverged.report_file(name).read_bytes() for name in REPORTS} == previewed


def test_every_run_rewrites_them(diverged: Pair) -> None:
    diverged.sync()
    assert diverged.report("to_be_copied")
    diverged.sync()
    assert diverged.report("to_be_copied") == diverged.report("erased") == []
    assert diverged.report("target_changed") == [b"/etc/hosts"]


def test_a_fill_leaves_none_of_the_clone_that_was(diverged: Pair) -> None:
    diverged.sync(ok=0)
    assert diverged.reports()
    diverged.run("clone", "--overwrite")
    assert diverged.reports() == {}


def test_they_are_sorted_by_bytes(filled: Pair) -> None:
    for name in (b"b", b"a", b"B", b"a/b", b"a-b", b"a\xff", "ä".encode(), b"\x01", b"~"):
        put(filled.booted, b"srv/new/" + name + b".x", b"x")
    filled.sync()
    listed = filled.report("to_be_copied")
    assert listed == sorted(listed)
    assert len(listed) == 11


def test_backslash_and_control_bytes_are_octal(filled: Pair) -> None:
    put(filled.booted, b"srv/a\\b\nc\x01\x7f\xc3\xa4\xff")
    filled.sync()
    assert (
        filled.report_file("to_be_copied").read_bytes()
        == b"/srv/a\\134b\\012c\\001\\177\xc3\xa4\xff\n"
    )


def test_the_names_of_files_are_not_for_others(diverged: Pair) -> None:
    diverged.sync()
    assert stat.S_IMODE(diverged.state.stat().st_mode) == 0o700
    for path in [diverged.log, *diverged.state.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o007 == 0, path


def test_no_half_written_one_is_left(diverged: Pair) -> None:
    diverged.sync()
    assert {path.name for path in (diverged.state / "sync").iterdir()} >= set(REPORTS.values())
    assert [
        p.name for p in (diverged.state / "sync").iterdir() if p.name not in REPORTS.values()
    ] == []


def test_the_command_lists_them(diverged: Pair) -> None:
    diverged.preview()
    listed = diverged.run("report").stdout.decode()
    assert all(name in listed for name in REPORTS.values())


def test_the_command_prints_any_of_them(diverged: Pair) -> None:
    diverged.preview()
    for name in REPORTS.values():
        assert diverged.run("report", name).stdout == (diverged.state / "sync" / name).read_bytes()


def test_the_command_prints_raw_paths_separated_by_nul(filled: Pair) -> None:
    put(filled.booted, b"srv/a\\b\nc\xff")
    filled.preview()
    done = filled.run("report", "-0", REPORTS["to_be_copied"])
    assert done.stdout == b"/srv/a\\b\nc\xff\0"


def test_an_unknown_one_is_an_error(filled: Pair) -> None:
    filled.preview()
    assert b"nonsense" in filled.run("report", "nonsense", ok=1).stderr


def test_before_the_first_run_there_is_none(pair: Pair) -> None:
    pair.run("report", REPORTS["target_changed"], ok=1)


def test_paths_are_as_on_the_booted_system(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/etc/motd"]
    assert os.fsencode(filled.booted) not in filled.report_file("to_be_copied").read_bytes()
