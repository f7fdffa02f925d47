"""A neighbour who makes root wait: a FIFO in a file's place, leases, an rsync that hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from .lab.files import put
from .lab.pair import Pair
from .lab.processes import processes, wait_until

MEGABYTE = 1 << 20
BREAK_TIME = Path("/proc/sys/fs/lease-break-time")


def rsync_has_open(path: Path) -> bool:
    for process in processes():
        if process.name == "rsync":
            folder = Path(f"/proc/{process.pid}/fd")
            try:
                if any(os.path.samefile(f"{folder}/{fd}", path) for fd in os.listdir(folder)):
                    return True
            except OSError:
                continue
    return False


@pytest.fixture
def slow(filled: Pair) -> Pair:
    """A large file that comes first, and what a neighbour owns behind it."""
    home = filled.booted / "home/u"
    put(filled.booted, "home/u/a", os.urandom(40 * MEGABYTE))
    for name in ("y", "z"):
        put(filled.booted, f"home/u/{name}", b"mine\n")
    put(filled.booted, "srv/zz-last", b"of another\n")
    filled.configure(rsync={"options": ["--bwlimit=20000"]})
    assert home.is_dir()
    return filled


def become_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def test_a_fifo_that_takes_a_files_place_is_left_out_and_the_rest_is_copied(slow: Pair) -> None:
    program = slow.start("sync")
    wait_until(lambda: rsync_has_open(slow.booted / "home/u/a"), "rsync has its list")
    become_fifo(slow.booted / "home/u/z")
    put(slow.clone, "home/u/y", b"the administrator's\n")
    ended = program.wait(90)
    assert ended.returncode == 2, ended.stderr
    assert b"/home/u/z could not be copied: rsync waited for it to open" in ended.stderr
    assert not (slow.clone / "home/u/z").exists()
    assert (slow.clone / "srv/zz-last").read_bytes() == b"of another\n"
    assert (slow.clone / "home/u/a").stat().st_size == 40 * MEGABYTE
    assert (slow.clone / "home/u/y").read_bytes() == b"the administrator's\n"
    slow.sync()
    assert (slow.clone / "home/u/z").is_fifo()


@contextmanager
def leases_on(paths: list[Path]) -> Iterator[None]:
    """Another process has write leases on these files, and gives none up."""
    code = (
        "import fcntl, os, signal, sys\n"
        "signal.signal(signal.SIGIO, signal.SIG_IGN)\n"
        "for path in sys.argv[1:]:\n"
        "    fcntl.fcntl(os.open(path, os.O_RDWR), fcntl.F_SETLEASE, fcntl.F_WRLCK)\n"
        "print('held', flush=True)\n"
        "signal.pause()\n"
    )
    holder = subprocess.Popen([sys.executable, "-c", code, *paths], stdout=subprocess.PIPE)
    assert holder.stdout is not None
    try:
        assert holder.stdout.readline() == b"held\n"
        yield
    finally:
        holder.kill()
        holder.wait()
        holder.stdout.close()


@pytest.fixture
def short_leases() -> Iterator[int]:
    """The kernel ends leases after three seconds. The setting is the machine's."""
    before = BREAK_TIME.read_text()
    try:
        BREAK_TIME.write_text("3")
    except OSError as error:
        pytest.skip(f"{BREAK_TIME} cannot be written: {error.strerror}")
    yield 3
    BREAK_TIME.write_text(before)


def test_leases_are_all_ended_at_once(filled: Pair, short_leases: int) -> None:
    paths = [put(filled.booted, f"home/u/{number}", b"leased\n") for number in range(15)]
    with leases_on(paths):
        with pytest.raises(BlockingIOError):
            os.open(paths[0], os.O_RDONLY | os.O_NONBLOCK)
        begun = time.monotonic()
        filled.run("sync", timeout=90)
        took = time.monotonic() - begun
    assert took < short_leases * 4
    assert all((filled.clone / f"home/u/{n}").read_bytes() == b"leased\n" for n in range(15))


@pytest.mark.parametrize("victim", [signal.SIGKILL, signal.SIGUSR1])
def test_rsync_dies_with_drdwrap(slow: Pair, victim: signal.Signals) -> None:
    program = slow.start("sync")
    wait_until(lambda: rsync_has_open(slow.booted / "home/u/a"), "rsync copies")
    rsyncs = program.rsyncs()
    assert rsyncs
    program.signal(victim)
    program.wait()
    wait_until(lambda: not program.rsyncs(), "all of rsync has ended", 2.0)


def test_rsync_that_cannot_open_dies_with_drdwrap(slow: Pair) -> None:
    program = slow.start("sync")
    wait_until(lambda: rsync_has_open(slow.booted / "home/u/a"), "rsync has its list")
    become_fifo(slow.booted / "home/u/z")
    wait_until(lambda: not rsync_has_open(slow.booted / "home/u/a"), "it has read the large file")
    program.signal(signal.SIGKILL)
    program.wait()
    wait_until(lambda: not program.rsyncs(), "all of rsync has ended", 2.0)
    slow.sync()
    assert (slow.clone / "home/u/z").is_fifo()
