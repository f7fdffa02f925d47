"""Where a session's machines have their disks; what a killed session left is found and removed."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

PREFIX = "drdwrap-lab-"
NEEDED = 10 << 30
"""Bytes that a session's disks may take, the making of the boxes included."""


def base() -> Path:
    """On a disk: machines write gigabytes."""
    return Path(os.environ.get("DRDWRAP_LAB_DIR", "/var/tmp"))


@contextmanager
def session() -> Iterator[Path]:
    """A directory for one session, locked for as long as it lives; removed at its end."""
    remove_leftovers()
    path = Path(tempfile.mkdtemp(prefix=PREFIX, dir=base()))
    path.chmod(0o711)  # libvirt's QEMU runs as a user of its own
    with (path / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        try:
            yield path
        finally:
            shutil.rmtree(path)


@contextmanager
def shared(run: str) -> Iterator[Path]:
    """A directory for all sessions of the test run of this name; the last of them removes it."""
    path = base() / f"{PREFIX}run-{run}"
    path.mkdir(mode=0o711, exist_ok=True)
    with (path / "lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        try:
            yield path
        finally:
            with suppress(BlockingIOError):
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)


def remove_leftovers() -> list[Path]:
    """Remove the directories of sessions that are no more, and nothing else. Returns which."""
    removed = []
    for path in base().glob(f"{PREFIX}*"):
        try:
            if path.is_symlink() or path.stat().st_uid != os.geteuid():
                continue
            with (path / "lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(path)
                removed.append(path)
        except (FileNotFoundError, BlockingIOError):
            continue  # a session that is going on, just beginning, or ending
    return removed
