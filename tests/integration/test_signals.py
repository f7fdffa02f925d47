"""Interrupted by a signal: a clean end, and 128 + its number."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from functools import partial

import pytest

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import lock_is_held, wait_until
from .lab.program import Program

SIGNALS = [signal.SIGINT, signal.SIGTERM, signal.SIGHUP]


@pytest.fixture
def slow(filled: Pair) -> Pair:
    """The copy takes some seconds: time enough to interrupt it."""
    filled.configure(rsync={"options": ["--bwlimit=1000"]})
    for number in range(30):
        put(filled.booted, f"srv/new/{number}", os.urandom(200_000))
    put(filled.clone, "etc/motd", b"clone\n")
    return filled


def assert_put_right(pair: Pair) -> None:
    assert not lock_is_held(pair.state / "lock")
    assert pair.temporary_files() == []
    pair.configure(rsync={"options": []})
    pair.sync()
    assert pair.report("target_changed") == []
    assert pair.differences("etc/motd") == []
    assert (pair.clone / "etc/motd").read_bytes() == b"clone\n"
    again = pair.sync()
    assert again["copied"] == again["deleted"] == 0


def copying(pair: Pair) -> Callable[[], bool]:
    places = (pair.clone / "srv/new/0", pair.clone / ".drdwrap.tmp/new/srv/new/0")
    return lambda: any(place.exists() for place in places)


@pytest.mark.parametrize("number", SIGNALS)
def test_in_the_middle_of_the_copy(slow: Pair, number: signal.Signals) -> None:
    program = slow.start("sync", fresh=True)
    wait_until(copying(slow), "a first file has arrived")
    program.signal(number)
    done = program.wait(timeout=15)
    assert done.returncode == 128 + number
    assert b"Traceback" not in done.stderr
    assert program.rsyncs() == []
    assert_put_right(slow)


def test_sent_to_the_whole_group_as_a_terminal_does(slow: Pair) -> None:
    program = slow.start("sync", fresh=True)
    wait_until(copying(slow), "a first file has arrived")
    os.killpg(program.pid, signal.SIGINT)
    done = program.wait(timeout=15)
    assert done.returncode == 128 + signal.SIGINT
    assert b"Traceback" not in done.stderr
    assert_put_right(slow)


def test_twice_in_quick_succession(slow: Pair) -> None:
    program = slow.start("sync", fresh=True)
    wait_until(copying(slow), "a first file has arrived")
    program.signal(signal.SIGINT)
    program.signal(signal.SIGTERM)
    done = program.wait(timeout=15)
    assert done.returncode in (130, 143)
    assert b"Traceback" not in done.stderr
    assert_put_right(slow)


def test_in_the_middle_of_the_fill(pair: Pair) -> None:
    pair.configure(rsync={"options": ["--bwlimit=1000"]})
    for number in range(30):
        put(pair.booted, f"srv/new/{number}", os.urandom(200_000))
    program = pair.start("clone", fresh=True)
    wait_until(copying(pair), "a first file has arrived")
    program.signal(signal.SIGTERM)
    done = program.wait(timeout=15)
    assert done.returncode == 143
    assert b"Traceback" not in done.stderr
    assert program.rsyncs() == []
    pair.configure(rsync={"options": []})
    pair.run("clone", "--overwrite")
    assert pair.differences() == []
    assert pair.sync()["copied"] == 0


@pytest.mark.parametrize("command", ["sync", "preview"])
def test_at_any_moment_of_a_run(slow: Pair, command: str) -> None:
    """Wherever it is: no traceback, no other status than success or the signal's."""
    slow.configure(rsync={"options": ["--bwlimit=20000"]})
    for step in range(8):
        program = slow.start(command)
        wait_until(partial(has_begun, slow, program), "the run has begun")
        time.sleep(step * 0.02)
        if program.running():
            program.signal(signal.SIGTERM)
        done = program.wait(timeout=15)
        assert b"Traceback" not in done.stderr, done.stderr.decode()
        assert done.returncode in (0, 143)
        assert slow.temporary_files() == []
    assert_put_right(slow)


def has_begun(pair: Pair, program: Program) -> bool:
    return lock_is_held(pair.state / "lock") or not program.running()
