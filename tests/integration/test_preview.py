"""A preview tells what a sync would do, and changes nothing."""

from __future__ import annotations

import shutil

from .lab.files import put, setfacl
from .lab.pair import Pair


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
    assert b"etc/motd" in shown
    assert b"srv/new" in shown


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
    assert b"clone" in filled.run("preview").stdout.lower()
