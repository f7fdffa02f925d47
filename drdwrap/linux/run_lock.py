"""The run's own locks: one run at a time, and one a clone.

A lock lives as long as any process of the run that has its descriptor.
"""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drdwrap.errors import DrdwrapError, LockHeldError, in_words
from drdwrap.linux import clock, other_processes, process, safe_file


@contextmanager
def held(path: bytes, *, take_over: bool = False) -> Iterator[None]:
    """Hold the lock file at `path`. Children inherit it: an rsync that outlives drdwrap keeps it.

    With `take_over` the run that has the lock is ended, and waited for. Otherwise LockHeldError,
    with that run's PID and start.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise DrdwrapError(f"the lock cannot be made: {in_words(error)}") from error
    try:
        if not _try(descriptor):
            if not take_over:
                raise LockHeldError(_who(descriptor), "wait for it to end")
            _end_holders(path)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        note = {"pid": os.getpid(), "started": clock.now()}
        with suppress(OSError):  # on a full disk the lock still locks
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(note).encode(), 0)
        with process.inherited(descriptor):
            yield
    finally:
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    """Lock it if it is free. `holder` may have it for an instant."""
    for pause in (0.02, 0.05, 0.1, None):
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if pause is not None:
                time.sleep(pause)
        else:
            return True
    return False


def holder(path: bytes) -> str:
    """A sentence about the run that holds the lock file at `path`; empty if the lock is free or
    its file cannot be read."""
    try:
        descriptor = safe_file.open_to_read(path)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _who(descriptor)
    finally:
        os.close(descriptor)
    return ""


@contextmanager
def clone_held(root: bytes) -> Iterator[None]:
    """Hold a lock on the clone's root directory, against a run with another state directory.

    LockHeldError if it is not free.
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise LockHeldError(
                "another run, with another state_dir, is at work on this clone",
                "wait for it to end; a clone belongs to one state_dir",
            ) from None
        with process.inherited(descriptor):
            yield
    finally:
        os.close(descriptor)


def _end_holders(path: bytes) -> None:
    """Ask every other process that holds the lock to end, and continue it if it is stopped."""
    for pid in other_processes.holding_lock(path):
        with suppress(OSError):  # it has ended
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGCONT)


def _who(descriptor: int) -> str:
    try:
        note = json.loads(os.pread(descriptor, 200, 0))
        pid, started = int(note["pid"]), str(note["started"])
    except (ValueError, KeyError, TypeError):
        return "another run holds the lock"
    if os.path.exists(f"/proc/{pid}"):
        return f"another run holds the lock: PID {pid}, started {started}"
    return (
        f"a run that was killed (PID {pid}, started {started}) has left a program running that"
        " holds the lock"
    )
