"""Under cron: a clean run prints nothing, and anything else is said on the right stream."""

from __future__ import annotations

from .lab.files import put
from .lab.pair import Pair
from .lab.rsync import interpose
from .lab.terminal import on_a_terminal


def test_a_clean_sync_prints_nothing(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    done = filled.run("sync", fresh=True)
    assert (done.stdout, done.stderr) == (b"", b"")


def test_a_clean_sync_with_changes_on_the_clone_prints_nothing(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    put(filled.clone, "etc/hosts", b"clone\n")
    done = filled.run("sync")
    assert (done.stdout, done.stderr) == (b"", b"")


def test_on_a_terminal_it_tells_what_it_did(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    assert on_a_terminal(filled, "sync").strip()


def test_a_file_that_vanishes_is_no_reason_to_print(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    interpose(filled, before=f"rm {filled.booted}/etc/motd")
    done = filled.run("sync")
    assert (done.stdout, done.stderr) == (b"", b"")


def test_the_log_tells_of_every_run_in_drds_manner(filled: Pair) -> None:
    filled.run("sync")
    lines = filled.log.read_bytes().splitlines()
    begins = [line for line in lines if b"BEGIN Synchronize" in line]
    ends = [line for line in lines if b"END Synchronize" in line]
    assert len(begins) == len(ends) == 1
    assert begins[0].startswith(b"=======  ")
    assert b"(user=" in begins[0]
    assert b"(jobid=" in begins[0]
    assert any(line.startswith((b" * ", b"       * ")) for line in lines)


def test_a_failed_run_is_in_the_log_and_the_outcome(filled: Pair) -> None:
    (filled.state / "record").write_bytes(b"garbage\n")
    filled.run("sync", ok=1)
    assert b"record" in filled.log.read_bytes().lower()
    assert (filled.state / "outcome.json").exists()
    assert filled.run("status").stdout
