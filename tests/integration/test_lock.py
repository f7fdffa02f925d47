"""One run at a time, its children counted."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from .lab.files import put
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


def test_the_rsync_of_a_killed_run_keeps_the_lock(filled: Pair, running: Program) -> None:
    running.signal(signal.SIGKILL)
    running.wait()
    assert lock_is_held(filled.state / "lock")
    filled.run("sync", ok=1)
    let_go(filled)
    filled.wait_for_lock()
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
