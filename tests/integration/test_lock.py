"""One run at a time, its children counted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from drdwrap.linux import run_note

from .lab.files import put
from .lab.locks import locked, locked_clone, reachable
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.processes import lock_is_held, wait_until
from .lab.program import Program
from .lab.rsync import interpose, interposed


@pytest.fixture
def running(filled: Pair) -> Iterator[Program]:
    """A sync that stands still between its scan and its copy until the test lets it go."""
    interpose(filled, before=f"while [ -d {filled.home}/hold ]; do sleep 0.01; done")
    (filled.home / "hold").mkdir()
    put(filled.booted, "etc/motd", b"booted\n")
    program = filled.start("sync", fresh=True)
    try:
        wait_until(lambda: interposed(filled), "the copy starts")
        yield program
    finally:
        program.kill_all()
        program.wait()


def let_go(pair: Pair) -> None:
    (pair.home / "hold").rmdir()


def test_a_second_run_is_refused_and_names_the_first(filled: Pair, running: Program) -> None:
    for command in ("sync", "clone"):
        done = filled.run(command, ok=1)
        assert str(running.pid).encode() in done.stderr
        assert re.search(rb"\d\d:\d\d:\d\d", done.stderr)  # since when
    let_go(filled)
    assert running.wait().returncode == 0
    assert filled.differences() == []


@pytest.mark.parametrize("command", ["sync", "clone --overwrite", "accept /etc/motd"])
def test_another_state_directory_does_not_get_round_it(
    filled: Pair, running: Program, command: str
) -> None:
    elsewhere = f"state_dir={filled.home}/state-2"
    done = filled.run(*command.split(), "-x", elsewhere, ok=1)
    assert b"state_dir" in done.stderr
    let_go(filled)
    assert running.wait().returncode == 0
    assert filled.differences() == []
    assert filled.sync()["copied"] == 0


def test_whoever_meets_a_run_is_told_what_it_is_at_and_how_to_end_it(
    filled: Pair, running: Program
) -> None:
    ending = f"; to end it: kill {running.pid}".encode()
    refused = filled.run("sync", ok=1).stderr
    assert ending in refused
    assert b", copying" in refused
    assert b"nothing moved" not in refused
    skipped = filled.run("-v", "sync", "--skip-if-running")
    assert ending in skipped.stderr and b", copying" in skipped.stderr
    assert b"another run holds the lock: PID" in filled.run("status").stdout
    assert ending.decode() in filled.json("status")["running"]
    assert ending in filled.run("check", ok=1).stdout
    elsewhere = filled.run("sync", "-x", f"state_dir={filled.home}/state-2", ok=1).stderr
    assert f"'kill {running.pid}'".encode() in elsewhere
    let_go(filled)
    assert running.wait().returncode == 0


def test_that_a_run_hangs_is_told(filled: Pair) -> None:
    """A hook that does nothing; its run believes to live four minutes earlier."""
    filled.configure(hooks={"before": [["/bin/sleep", "1000"]]})

    def earlier() -> None:
        from drdwrap.linux import run_note

        vars(run_note)["time"] = SimpleNamespace(monotonic=lambda: time.monotonic() - 250)

    program = filled.start("sync", prepare=earlier)
    try:
        wait_until(lambda: "sleep" in [one.name for one in program.family()], "the hook runs")
        told = filled.json("status")["running"]
        assert (
            f"PID {program.pid}, started " in told
            and ", running the hook hooks.before, /bin/sleep 1000, nothing moved for 4 min;" in told
        )
        subprocess.run(["sh", "-c", told.partition("to end it: ")[2]], check=True)
        assert program.wait(timeout=20).returncode == 128 + signal.SIGTERM
    finally:
        program.kill_all()
        program.wait()
    assert filled.json("status")["running"] is None


@pytest.mark.parametrize("moves", [True, False])
def test_a_program_that_works_without_a_word_moves(filled: Pair, moves: bool) -> None:
    """Whether it does anything is looked at every other second."""
    work = "while :; do :; done" if moves else "sleep 1000"
    filled.configure(hooks={"before": [["/bin/sh", "-c", work]]})
    program = filled.start("sync")
    try:
        wait_until(lambda: "running the hook" in read(filled).phase, "the hook runs")
        time.sleep(6)
        assert (read(filled).idle < 3) == moves
    finally:
        program.kill_all()
        program.wait()


def read(pair: Pair) -> run_note.RunNote:
    with open(pair.state / "lock", "rb") as file:
        note = run_note.read(file.fileno())
    assert note is not None
    return note


def test_a_second_run_may_be_told_to_skip(filled: Pair, running: Program) -> None:
    done = filled.run("sync", "--skip-if-running", ok=0)
    assert str(running.pid).encode() in done.stdout + done.stderr + filled.log.read_bytes()
    assert (filled.clone / "etc/motd").read_bytes() == b"welcome\n"
    let_go(filled)
    assert running.wait().returncode == 0


def test_one_that_was_skipped_for_the_clones_own_lock_has_not_failed(
    filled: Pair, running: Program
) -> None:
    """What its hooks have stopped is started again nevertheless."""
    hooks = [
        f"hooks.{name}=[[/bin/touch, {filled.home}/{name}]]" for name in ("before", "on_error")
    ]
    elsewhere = [f"state_dir={filled.home}/state-2", *hooks]
    options = [word for setting in elsewhere for word in ("-x", setting)]
    filled.run("sync", "--skip-if-running", *options)
    assert filled.json("status", *options[:2])["last_sync"] is None
    assert b"END Synchronize System Image was skipped." in filled.log.read_bytes()
    assert (filled.home / "before").exists() and (filled.home / "on_error").exists()
    let_go(filled)
    assert running.wait().returncode == 0


def test_skipping_is_for_a_held_lock_only(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    filled.run("sync", "--skip-if-running")
    assert filled.differences() == []


def test_a_refused_run_leaves_no_trace_in_the_reports(filled: Pair, running: Program) -> None:
    put(filled.booted, "etc/hosts", b"booted\n")
    before = filled.reports()
    filled.run("preview", ok=1)
    assert filled.reports() == before


def test_a_program_of_a_killed_run_keeps_the_lock_and_is_named(filled: Pair) -> None:
    """A find that waits for its disk, say. rsync ends with its run."""
    folder = filled.home / "find"
    put(folder, "find", b"#!/bin/sh\nexec sleep 1000\n", mode=0o755)
    program = filled.start("sync", env={"PATH": f"{folder}:{filled.env['PATH']}"})
    try:
        wait_until(lambda: "sleep" in [one.name for one in program.family()], "find runs")
        program.signal(signal.SIGKILL)
        program.wait()
        assert lock_is_held(filled.state / "lock")
        told = filled.run("sync", ok=1).stderr.decode()
        assert f"a run that was killed (PID {program.pid}, started" in told
        kill = told.partition("to end it: ")[2].partition(" (")[0]
        assert kill.startswith("kill ") and str(program.pid) not in kill
        subprocess.run(["sh", "-c", kill], check=True)
        filled.wait_for_lock()
    finally:
        program.kill_all()
    filled.sync()
    assert filled.differences() == []


def test_the_rsync_of_a_killed_run_ends_with_it(filled: Pair, running: Program) -> None:
    running.signal(signal.SIGKILL)
    running.wait()
    filled.wait_for_lock()
    let_go(filled)
    filled.sync()
    assert filled.differences() == []
    assert filled.temporary_files() == []


def test_a_lock_file_without_a_holder_is_no_lock(filled: Pair) -> None:
    (filled.state / "lock").write_text(f"{os.getpid()}\nlong ago\n")
    filled.sync()


def test_no_child_of_a_clean_run_keeps_the_lock(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    filled.run("sync")
    assert not lock_is_held(filled.state / "lock")


def test_at_shutdown_the_run_that_makes_way_is_found_without_waiting_for_a_dead_mount(
    filled: Pair, running: Program, mounts: Mounts
) -> None:
    """Whatever else is open on the machine: another process has such a mount open."""
    dead = filled.home / "dead"
    dead.mkdir()
    mounts.dead_fuse(dead)
    opening = (
        f"import os, time; os.open({str(dead)!r}, os.O_PATH); print(flush=True); time.sleep(60)"
    )
    holder = subprocess.Popen([sys.executable, "-c", opening], stdout=subprocess.PIPE)
    try:
        assert holder.stdout is not None and holder.stdout.readline() == b"\n"
        successor = filled.start("sync", "--occasion", "shutdown")
        assert running.wait(timeout=20).returncode == 128 + signal.SIGTERM
        let_go(filled)
        assert successor.wait(timeout=20).returncode == 0
    finally:
        holder.kill()
        holder.wait()
    assert filled.differences() == []


@pytest.mark.parametrize("kind", ["flock", "read"])
def test_nobody_else_can_keep_a_sync_from_the_clone(filled: Pair, kind: str) -> None:
    """Whoever can enter the clone can lock its root directory."""
    put(filled.booted, "etc/motd", b"booted\n")
    with reachable(filled.clone), locked(filled.clone, kind, by_nobody=True):
        filled.run("preview")
        filled.run("sync")
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"


def test_a_lock_of_another_user_does_not_hide_another_run(filled: Pair) -> None:
    with (
        reachable(filled.clone),
        locked(filled.clone, "read", by_nobody=True),
        locked_clone(filled.clone) as other,
    ):
        said = filled.run("sync", ok=1).stderr.decode()
    assert f"another run (PID {other}), with another state_dir" in said


def test_the_lock_on_the_clone_leaves_nothing_there(filled: Pair) -> None:
    before = filled.both(ctimes=True, with_root=True)
    with locked_clone(filled.clone):
        filled.run("preview", ok=1)
    filled.run("preview")
    assert filled.both(ctimes=True, with_root=True) == before
