"""``clone`` in a directories layout: the whole image but what is transient."""

from __future__ import annotations

import os
import shutil
import subprocess

import pytest

from .lab.files import LONG_AGO, populate, put, set_mtime
from .lab.images import command
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.snapshot import snapshot

TRANSIENT = ["tmp/x", "var/tmp/deep/x", "run/x"]


def test_everything_arrives_as_it_is(pair: Pair, rsync: str) -> None:
    populate(pair.booted)
    os.link(pair.booted / "etc/motd", pair.booted / "srv/motd")
    set_mtime(pair.booted / "srv", LONG_AGO)
    pair.clone_fill()
    assert pair.differences(directory_times=True) == []


def test_transient_locations_stay_empty_directories(pair: Pair, rsync: str) -> None:
    populate(pair.booted)
    for name in TRANSIENT:
        put(pair.booted, name)
    (pair.booted / "tmp").chmod(0o1777)
    pair.clone_fill()
    for name in ("tmp", "var/tmp", "run"):
        assert list((pair.clone / name).iterdir()) == []
    assert (pair.clone / "tmp").stat().st_mode & 0o7777 == 0o1777


def test_boot_files_and_package_databases_are_filled_and_then_left_alone(pair: Pair) -> None:
    populate(pair.booted)
    names = ["boot/vmlinuz", "var/lib/dpkg/status", "var/log/dpkg.log", "etc/ld.so.cache"]
    for name in names:
        put(pair.booted, name, b"first\n")
    pair.clone_fill()
    for name in names:
        assert (pair.clone / name).read_bytes() == b"first\n"
        put(pair.booted, name, b"second\n")
    assert pair.sync()["copied"] == 0
    assert pair.report("location") == sorted(f"/{name}".encode() for name in names)


def test_what_is_excluded_is_not_filled(pair: Pair, rsync: str) -> None:
    populate(pair.booted)
    put(pair.booted, "srv/cache/x")
    put(pair.booted, "etc/old.bak")
    pair.configure(exclude_list=["/srv/cache", "*.bak"])
    pair.clone_fill()
    assert not (pair.clone / "srv/cache").exists()
    assert not (pair.clone / "etc/old.bak").exists()
    assert (pair.clone / "srv/data/07").exists()


def test_a_filled_clone_is_in_step(pair: Pair, rsync: str) -> None:
    populate(pair.booted)
    pair.clone_fill()
    counts = pair.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert pair.reports() == {}


def test_a_clone_that_is_not_empty_needs_overwrite(pair: Pair) -> None:
    populate(pair.booted)
    put(pair.clone, "etc/own", b"clone\n")
    before = snapshot(pair.clone, ctimes=True)
    assert b"--overwrite" in pair.run("clone", ok=1).stderr
    assert snapshot(pair.clone, ctimes=True) == before
    pair.run("clone", "--overwrite")
    assert (pair.clone / "etc/motd").exists()
    counts = pair.sync()
    assert counts["copied"] == 0


def test_a_clone_made_anew_is_as_the_booted_system(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    shutil.rmtree(filled.booted / "var/spool")
    filled.run("clone", "--overwrite")
    assert filled.differences(*[p for p in snapshot(filled.clone) if b"spool" in p]) == []
    filled.sync()
    assert filled.report("target_changed") == []


def test_a_preview_of_it_fills_nothing(pair: Pair) -> None:
    populate(pair.booted)
    before = snapshot(pair.clone, ctimes=True, with_root=True)
    put(pair.booted, "tmp/transient")
    shown = pair.run("clone", "-p").stdout.decode()
    assert snapshot(pair.clone, ctimes=True, with_root=True) == before
    told = pair.json("clone", "-p")
    wanted = told["counts"]["files_to_be_copied"]
    assert wanted == told["counts"]["initial"] - 1
    assert f"{wanted:,} files, {told['bytes_to_be_copied']:,} bytes, would be copied" in shown
    assert "overwrite" not in shown


def test_a_preview_of_it_says_that_overwrite_is_needed(filled: Pair) -> None:
    assert b"(/" in filled.run("clone", "-p").stdout
    assert "need --overwrite" in "".join(filled.json("clone", "-p")["plan"])
    told = "".join(filled.json("clone", "-p", "--overwrite")["plan"])
    assert "is replaced" in told and "need" not in told


def test_its_counts_are_of_what_was_to_be_copied(filled: Pair) -> None:
    for name in ("tmp/transient", "tmp/below/too", "var/tmp/x"):
        put(filled.booted, name, b"1234567")
    put(filled.clone, "etc/own", b"clone\n")
    previewed = filled.json("clone", "-p", "--overwrite")
    told = filled.json("clone", "--overwrite")
    counts, size = told["counts"], told["bytes_to_be_copied"]
    assert (counts["files_to_be_copied"], size) == (
        previewed["counts"]["files_to_be_copied"],
        previewed["bytes_to_be_copied"],
    )
    assert counts["initial"] == previewed["counts"]["initial"]
    assert counts["copied"] == counts["files_to_be_copied"] == counts["initial"] - 4


def test_what_cannot_be_replaced_is_not_counted_as_copied(filled: Pair) -> None:
    held = [put(filled.clone, "etc/own", b"clone\n"), filled.clone / "etc/motd"]
    put(filled.booted, "etc/motd", b"booted\n")
    if subprocess.run(["chattr", "+i", *held], capture_output=True, check=False).returncode:
        pytest.skip("chattr +i does not work here")
    try:
        counts = filled.json("clone", "--overwrite", ok=2)["counts"]
    finally:
        command("chattr", "-i", *held)
    assert counts["copied"] == counts["files_to_be_copied"] - 1


def test_state_and_log_inside_the_booted_tree_are_not_filled(pair: Pair) -> None:
    populate(pair.booted)
    pair.state = pair.booted / "var/lib/drdwrap"
    pair.log = pair.booted / "var/log/drdwrap.log"
    pair.log.parent.mkdir(parents=True)
    pair.configure(state_dir=str(pair.state), log_file=str(pair.log))
    pair.clone_fill()
    put(pair.booted, "etc/motd", b"booted\n")
    assert pair.sync()["copied"] == 1
    assert (pair.state / "record").exists()
    assert not (pair.clone / "var/log/drdwrap.log").exists()
    assert not (pair.clone / "var/lib/drdwrap/record").exists()
    assert pair.report("to_be_copied") == [b"/etc/motd"]
    assert pair.sync()["copied"] == 0


def test_the_first_sync_of_an_empty_clone_points_to_it(pair: Pair) -> None:
    populate(pair.booted)
    assert b"clone" in pair.run("sync", ok=1).stderr
    assert [entry.name for entry in pair.clone.iterdir()] == ["lost+found"]


def test_a_second_clone_can_be_filled_into_a_new_state(filled: Pair, mounts: Mounts) -> None:
    other = mounts.image("other").point
    filled.configure(clone={"root": str(other)}, state_dir=str(filled.home / "state-2"))
    filled.run("clone")
    filled.clone = other
    assert filled.differences() == []
