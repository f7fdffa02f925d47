"""Under cron: a clean run prints nothing, and anything else is said on the right stream."""

from __future__ import annotations

import os
import re

import pytest

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
    assert b"Copied 1, removed 0." in on_a_terminal(filled, "sync")


def test_on_a_terminal_files_and_bytes_are_shown_as_they_are_copied(filled: Pair) -> None:
    for number in range(8):
        put(filled.booted, f"srv/new/{number}", os.urandom(200_000))
    filled.configure(rsync={"options": ["--bwlimit=400"]})
    told = on_a_terminal(filled, "sync")
    steps = re.findall(rb"(\d+)/9 files, ([\d.]+) [kM]B", told)
    assert len({files for files, _ in steps}) > 1
    assert len({size for _, size in steps}) > 1
    assert b"files, " not in filled.run("sync").stderr


@pytest.mark.parametrize("variable", ["FORCE_COLOR", "TTY_COMPATIBLE", "CLICOLOR_FORCE"])
def test_without_a_terminal_nothing_steers_one(filled: Pair, variable: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    assert b"\x1b" not in filled.run("preview", env={variable: "1"}).stdout


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
    when = rb"=======  \d\d/\d\d/\d\d \d\d:\d\d:\d\d \w+  "
    by = rb" \(user=\w+\) \(jobid=[^ )]+\)"
    assert re.fullmatch(when + rb"BEGIN Synchronize System Image" + by, begins[0])
    assert re.fullmatch(when + rb"END Synchronize System Image succeeded\." + by, ends[0])


def test_a_failed_run_is_in_the_log_and_the_outcome(filled: Pair) -> None:
    (filled.state / "record").write_bytes(b"garbage\n")
    filled.run("sync", ok=1)
    assert b"record" in filled.log.read_bytes().lower()
    assert b"END Synchronize System Image failed." in filled.log.read_bytes()
    assert (filled.state / "outcome.json").exists()
    assert filled.run("status").stdout


def test_each_q_and_v_is_one_step(filled: Pair) -> None:
    """Without a terminal it begins at 2, where a clean run says nothing, and a warning is said."""
    filled.configure(max_deletions=0)
    (filled.booted / "srv/data/07").unlink()

    def said(*options: str) -> tuple[bool, bool, bool]:
        done = filled.run("sync", *options, ok=2)
        told = done.stderr
        return b"warning:" in told, b"BEGIN" in told, bool(done.stdout)

    assert said("-q", "-q") == said("-qq") == (False, False, False)
    assert said("-q") == said() == (True, False, False)
    assert said("-v") == said("-v", "-v", "-q") == (True, True, True)
    assert said("-qqqqqqqq", "-v") == (False, False, False)
    assert b"END Synchronize System Image succeeded with warnings." in filled.log.read_bytes()
