"""A terminal that is closed while something is drawn on it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import pty
import signal
import struct
import subprocess
import sys
import termios

import pytest

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import wait_until
from .lab.program import CHECKOUT, Program


@pytest.fixture
def slow(filled: Pair) -> Pair:
    """The copy takes some seconds, with a progress bar all the while."""
    filled.configure(rsync={"options": ["--bwlimit=1000"]})
    for number in range(20):
        put(filled.booted, f"srv/new/{number}", os.urandom(200_000))
    return filled


def terminal() -> tuple[int, int]:
    """Our end of a terminal, and the program's."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, 120, 0, 0))
    os.set_blocking(ours, False)
    return ours, theirs


def wait_for_bar(ours: int) -> None:
    told = b""

    def drawn() -> bool:
        nonlocal told
        with contextlib.suppress(BlockingIOError):
            told += os.read(ours, 65536)
        return b"files, " in told

    wait_until(drawn, "the bar is drawn")


def outcome(pair: Pair) -> int:
    status: int = json.loads((pair.state / "outcome.json").read_bytes())["sync"]["exit_status"]
    return status


def test_the_run_ends_as_its_outcome_says(slow: Pair) -> None:
    ours, theirs = terminal()
    command = ["--config", str(slow.config), "sync"]
    program = Program(command, {**slow.env, "TERM": "xterm"}, fresh=True, terminal=theirs)
    os.close(theirs)
    wait_for_bar(ours)
    os.close(ours)  # which sends SIGHUP, and whatever is written fails from now on
    assert program.wait(timeout=30).returncode == 128 + signal.SIGHUP == outcome(slow)
    slow.configure(rsync={"options": []})
    slow.sync()
    assert slow.differences() == []


def test_with_nohup_it_goes_on_to_the_end(slow: Pair) -> None:
    ours, theirs = terminal()
    command = [sys.executable, "-m", "drdwrap", "--config", str(slow.config), "sync"]
    with subprocess.Popen(
        ["sh", "-c", "trap '' HUP; exec \"$@\"", "sh", *command],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=CHECKOUT,
        env={**slow.env, "TERM": "xterm"},
        start_new_session=True,
    ) as program:
        os.close(theirs)
        wait_for_bar(ours)
        os.close(ours)
        assert program.wait(timeout=60) == 0 == outcome(slow)
    assert slow.differences() == []
