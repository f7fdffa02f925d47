"""Processes that hold a lock on a directory until the test is done with them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .program import CHECKOUT, NOBODY

_LOCKS = {
    "drdwrap": "from drdwrap.linux import run_lock; held = run_lock.clone_held(place.encode());"
    " held.__enter__()",
    "flock": "fcntl.flock(os.open(place, os.O_RDONLY), fcntl.LOCK_EX)",
    "read": "fcntl.fcntl(os.open(place, os.O_RDONLY), fcntl.F_OFD_SETLK,"
    " struct.pack('hhqqi0q', fcntl.F_RDLCK, 0, 0, 0, 0))",
}


@contextmanager
def locked(directory: Path, kind: str, *, by_nobody: bool = False) -> Iterator[int]:
    """The PID of a process that has a lock of this kind on the directory."""
    code = (
        f"import fcntl, os, struct, sys; place = sys.argv[1]; {_LOCKS[kind]};"
        " print(flush=True); sys.stdin.read()"
    )
    user: dict[str, Any] = (
        {"user": NOBODY, "group": NOBODY, "extra_groups": []} if by_nobody else {}
    )
    python = "/usr/bin/python3" if by_nobody else sys.executable
    with subprocess.Popen(
        [python, "-c", code, str(directory)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        cwd="/" if by_nobody else CHECKOUT,
        **user,
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"\n", f"no lock of kind {kind}"
        try:
            yield process.pid
        finally:
            process.kill()


@contextmanager
def reachable(directory: Path) -> Iterator[None]:
    """Let everybody go to the directory, which the lab keeps to root."""
    closed = [place for place in directory.parents if not place.stat().st_mode & 0o001]
    modes = [place.stat().st_mode & 0o7777 for place in closed]
    try:
        for place, mode in zip(closed, modes, strict=True):
            place.chmod(mode | 0o011)
        yield
    finally:
        for place, mode in zip(closed, modes, strict=True):
            place.chmod(mode)


@contextmanager
def locked_clone(clone: Path) -> Iterator[int]:
    """The PID of a process that has the lock of a run with another state directory."""
    with locked(clone, "drdwrap") as pid:
        yield pid
