"""``sync --adopt newer``: DRD's own rule for a clone without a record."""

from __future__ import annotations

from drdwrap.sync import copy

from .lab.files import LONG_AGO, put, set_mtime
from .lab.moments import before
from .lab.pair import Pair
from .lab.rsync import interpose, interposed


def test_a_newer_booted_file_is_copied(twins: Pair, rsync: str) -> None:
    put(twins.booted, "etc/motd", b"booted\n", mtime_ns=LONG_AGO + 1)
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    twins.sync("--adopt", "newer")
    assert twins.report("to_be_copied") == [b"/etc/motd"]
    assert twins.differences() == []


def test_a_booted_file_of_the_same_time_is_copied(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n", mtime_ns=LONG_AGO)
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    twins.sync("--adopt", "newer")
    assert twins.differences() == []


def test_an_older_booted_file_is_target_changed(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n", mtime_ns=LONG_AGO)
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO + 1)
    twins.sync("--adopt", "newer")
    assert twins.report("target_changed") == [b"/etc/motd"]
    assert (twins.clone / "etc/motd").read_bytes() == b"clone\n"


def test_without_it_nothing_that_differs_is_overwritten(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    twins.sync()
    assert twins.report("target_changed") == [b"/etc/motd"]
    assert (twins.clone / "etc/motd").read_bytes() == b"clone\n"


def test_what_it_took_over_follows_the_booted_system_from_then_on(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    twins.sync("--adopt", "newer")
    put(twins.booted, "etc/motd", b"older, from a backup\n")
    set_mtime(twins.booted / "etc/motd", LONG_AGO - 10**9)
    assert twins.sync()["copied"] == 1
    assert twins.differences() == []


def test_it_takes_nothing_from_a_record_that_knows_better(filled: Pair) -> None:
    put(filled.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    put(filled.booted, "etc/motd", b"booted\n")
    assert b"record" in filled.run("sync", "--adopt", "newer", ok=1).stderr
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"


def test_what_is_the_clones_own_is_not_removed(twins: Pair) -> None:
    put(twins.clone, "etc/own", b"clone\n", mtime_ns=LONG_AGO)
    assert twins.sync("--adopt", "newer")["deleted"] == 0
    assert (twins.clone / "etc/own").exists()


def test_an_unknown_rule_is_a_usage_error(twins: Pair) -> None:
    assert twins.run("sync", "--adopt", "older", ok=1).stderr


def test_what_an_interrupted_run_did_not_reach_is_copied_by_the_next_sync(twins: Pair) -> None:
    """There is a record by then, and --adopt would be refused."""
    put(twins.booted, "etc/motd", b"booted\n")
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    interpose(twins, before="kill -TERM $PPID; sleep 20")
    twins.run("sync", "--adopt", "newer", ok=143)
    assert interposed(twins)
    assert (twins.clone / "etc/motd").read_bytes() == b"clone\n"
    assert twins.sync()["copied"] == 1
    assert twins.differences() == []


def test_what_was_changed_before_its_turn_is_not_taken_over(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    put(twins.clone, "etc/motd", b"clone\n", mtime_ns=LONG_AGO)
    edit = before(copy, "copy", lambda: put(twins.clone, "etc/motd", b"edited\n"))
    done = twins.start("sync", "--adopt", "newer", prepare=edit).wait()
    assert done.returncode == 0
    twins.sync()
    assert twins.report("target_changed") == [b"/etc/motd"]
    assert (twins.clone / "etc/motd").read_bytes() == b"edited\n"
