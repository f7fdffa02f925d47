"""Processes as /proc shows them, and ending those that a test started."""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Process:
    pid: int
    name: str
    parent: int
    session: int
    zombie: bool


def processes() -> list[Process]:
    found = []
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with contextlib.suppress(OSError):
                found.append(_read(Path("/proc", entry, "stat").read_bytes()))
    return found


def _read(line: bytes) -> Process:
    pid, _, rest = line.partition(b" (")
    name, _, rest = rest.rpartition(b") ")
    state, parent, _group, session = rest.split()[:4]
    return Process(int(pid), os.fsdecode(name), int(parent), int(session), state == b"Z")


def family(pid: int) -> list[Process]:
    """The process, its descendants, and what else runs in its session; no zombies.

    An orphan is still of the session that the test opened for the program.
    """
    alive = [process for process in processes() if not process.zombie]
    members = {pid}
    grown = True
    while grown:
        more = {p.pid for p in alive if p.parent in members or p.session == pid} - members
        members |= more
        grown = bool(more)
    return [process for process in alive if process.pid in members]


def kill(victims: Iterable[Process]) -> None:
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            os.kill(victim.pid, signal.SIGKILL)


def lock_is_held(lock: Path) -> bool:
    """Whether anyone holds a lock of any kind on the file. This takes no lock itself."""
    try:
        inode = lock.stat().st_ino
    except FileNotFoundError:
        return False
    for line in Path("/proc/locks").read_text().splitlines():
        words = line.split()
        if "->" not in words and words[-3].rpartition(":")[2] == str(inode):
            return True
    return False


def wait_until(true: Callable[[], bool], what: str, patience: float = 20.0) -> None:
    until = time.monotonic() + patience
    while not true():
        if time.monotonic() > until:
            raise AssertionError(f"waited {patience} s in vain until {what}")
        time.sleep(0.002)
