"""A state directory or a log that is something else already, and closed standard streams."""

from __future__ import annotations

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from .lab.files import put
from .lab.pair import Pair
from .lab.program import CHECKOUT


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("command", ["sync", "preview", "clone", "accept /etc/motd", "check"])
def test_a_state_directory_that_holds_something_else_is_refused_and_left_as_it_is(
    filled: Pair, command: str
) -> None:
    home = filled.home / "root"
    put(home, "packages/precious")
    put(home, "notes")
    home.chmod(0o755)
    filled.configure(state_dir=str(home))
    done = filled.run(*command.split(), ok=1)
    assert b"notes" in done.stdout + done.stderr
    assert (home / "packages/precious").exists()
    assert sorted(path.name for path in home.iterdir()) == ["notes", "packages"]
    assert mode(home) == 0o755


def test_an_empty_one_is_taken_and_shut_to_others(filled: Pair) -> None:
    empty = filled.home / "empty"
    empty.mkdir()
    empty.chmod(0o755)
    filled.configure(state_dir=str(empty))
    filled.preview()
    assert mode(empty) == 0o700


def test_what_the_administrator_keeps_beside_the_record_is_no_matter(filled: Pair) -> None:
    (filled.state / "record").rename(filled.state / "record.old")
    filled.sync()
    assert (filled.state / "record.old").exists()


def test_a_log_that_is_a_device_keeps_its_mode(filled: Pair) -> None:
    null = filled.home / "null"
    os.mknod(null, 0o666 | stat.S_IFCHR, os.stat("/dev/null").st_rdev)
    null.chmod(0o666)
    filled.configure(log_file=str(null))
    filled.sync()
    assert mode(null) == 0o666


def test_a_log_that_a_group_may_read_stays_so(filled: Pair) -> None:
    filled.log.chmod(0o644)
    filled.sync()
    assert mode(filled.log) == 0o640


def test_a_log_that_is_a_fifo_is_not_waited_for(filled: Pair) -> None:
    fifo = filled.home / "fifo"
    os.mkfifo(fifo)
    filled.configure(log_file=str(fifo))
    assert b"cannot be written" in filled.run("sync").stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_no_reason_to_fail(filled: Pair, closed: str) -> None:
    put(filled.booted, "etc/motd", b"changed\n")
    command = [sys.executable, "-m", "drdwrap", "--config", str(filled.config), "-v", "sync"]
    shell = ["sh", "-c", f'exec "$@" {closed}', "sh", *command]
    done = subprocess.run(shell, cwd=CHECKOUT, env=filled.env, check=False)
    assert done.returncode == 0
    assert (filled.clone / "etc/motd").read_bytes() == b"changed\n"
    assert (filled.state / "lock").read_bytes().startswith(b'{"pid"')
    assert filled.sync()["copied"] == 0


def test_something_else_under_the_name_of_temporary_files_is_named_and_kept(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"changed\n")
    (filled.clone / ".drdwrap.tmp").symlink_to("/etc")
    said = filled.run("sync", ok=1).stderr.decode()
    assert "/.drdwrap.tmp on the clone" in said
    assert "remove it yourself" in said
    (filled.clone / ".drdwrap.tmp").unlink()
    assert filled.sync()["copied"] == 1


def test_the_log_may_lie_in_it(filled: Pair) -> None:
    """It is there before the first run has ended, in whatever way."""
    home = filled.home / "with-log"
    for name in ("drdwrap.log", "drdwrap.log.1"):
        put(home, name)
    filled.configure(state_dir=str(home), log_file=str(home / "drdwrap.log"))
    filled.preview()
    put(filled.home / "other", "drdwrap.log")
    filled.configure(state_dir=str(filled.home / "other"))
    assert b"holds drdwrap.log" in filled.run("preview", ok=1).stderr
