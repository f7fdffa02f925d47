"""What other processes use, found without touching their files."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from drdwrap.linux import other_processes

LOCK = """
import fcntl, sys
file = open(sys.argv[1])
fcntl.flock(file, fcntl.LOCK_SH)
print(flush=True)
sys.stdin.read()
"""


@pytest.fixture
def sleeping(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that works in `tmp_path`/below."""
    (tmp_path / "below").mkdir()
    with subprocess.Popen(["sleep", "60"], cwd=tmp_path / "below") as process:
        yield process
        process.kill()


def test_who_works_below_a_directory_is_named(
    tmp_path: Path, sleeping: subprocess.Popen[bytes]
) -> None:
    assert other_processes.using(bytes(tmp_path)) == [f"sleep (PID {sleeping.pid})"]
    assert other_processes.using(bytes(tmp_path / "below")) == [f"sleep (PID {sleeping.pid})"]
    assert other_processes.using(bytes(tmp_path / "bel")) == []


def test_who_has_a_file_open_is_named(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w"):
        (name,) = other_processes.using(bytes(tmp_path))
    assert name.endswith(f"(PID {os.getpid()})")
    assert other_processes.using(bytes(tmp_path)) == []


def test_only_another_process_with_the_lock_holds_it(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.touch()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/lock").touch()

    def held_by(path: Path) -> subprocess.Popen[bytes]:
        pipe = subprocess.PIPE
        holder = subprocess.Popen([sys.executable, "-c", LOCK, path], stdin=pipe, stdout=pipe)
        assert holder.stdout is not None and holder.stdout.readline() == b"\n"
        return holder

    with lock.open() as mine, held_by(lock) as other, held_by(tmp_path / "elsewhere/lock"):
        fcntl.flock(mine, fcntl.LOCK_SH)
        assert list(other_processes.holding_lock(bytes(lock))) == [other.pid]
    with lock.open() as file, subprocess.Popen(["sleep", "60"], stdin=file) as without:
        assert list(other_processes.holding_lock(bytes(lock))) == []
        without.kill()


def test_what_is_no_device_is_mounted_nowhere_else(tmp_path: Path) -> None:
    assert other_processes.with_mounts_of_their_own(str(tmp_path / "nothing")) == []
