"""The run's own locks: one run at a time, and one a clone.

A lock lives as long as any process of the run that has its descriptor.
"""

import errno
import fcntl
import os
import signal
import stat
import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drdwrap.errors import DrdwrapError, LockHeldError, in_words, remedy_for
from drdwrap.linux import lock_holder, other_processes, process, run_note, safe_file

_QUIET = 60
"""Seconds without movement that are worth a word."""


@contextmanager
def held(path: bytes, *, take_over: bool = False) -> Iterator[None]:
    """Hold the lock file at `path`. Children inherit it: an rsync that outlives drdwrap keeps it.

    With `take_over` the run that has the lock is ended, and waited for. Otherwise LockHeldError,
    with that run's PID and start.
    """
    try:
        descriptor = _open(path)
    except OSError as error:
        hint = remedy_for(error) or "remove what is there in its place"
        raise DrdwrapError(f"the lock cannot be made: {in_words(error)}", hint) from error
    try:
        if not _try(descriptor):
            if not take_over:
                raise LockHeldError(_who(descriptor, path), "wait for it to end")
            _end_holders(path)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        with process.inherited(descriptor), run_note.kept(descriptor):
            yield
    finally:
        os.close(descriptor)


def _open(path: bytes) -> int:
    flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    descriptor = os.open(path, flags, 0o600)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.EINVAL, "not a regular file", path)
    return descriptor


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
    """What is known of the run that holds the lock file at `path`, with how to end it; empty if the
    lock is free or its file cannot be read."""
    try:
        descriptor = safe_file.open_to_read(path)
    except OSError:
        return ""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _who(descriptor, path)
    finally:
        os.close(descriptor)
    return ""


@contextmanager
def clone_held(root: bytes) -> Iterator[None]:
    """Hold a lock on the clone's root directory, against a run with another state directory.

    LockHeldError if another run of the same user has one, or a program that it left running.
    Anybody who can enter the clone can lock its root as well. So this is a read lock, which nobody
    can prevent, and locks of other users do not count. (Of two runs that begin at the same moment
    both can be refused.)
    """
    descriptor = os.open(root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.fcntl(descriptor, fcntl.F_OFD_SETLK, _whole_file(fcntl.F_RDLCK))
        if pid := _other_run(descriptor):
            raise LockHeldError(
                f"another run (PID {pid}), with another state_dir, is at work on this clone",
                f"wait for it to end, or end it ('kill {pid}'); a clone belongs to one state_dir",
            )
        with process.inherited(descriptor):
            yield
    finally:
        os.close(descriptor)


def _other_run(descriptor: int) -> int | None:
    """The PID of another run that has this open directory locked too, or None."""
    asked = fcntl.fcntl(descriptor, fcntl.F_OFD_GETLK, _whole_file(fcntl.F_WRLCK))
    if struct.unpack(lock_holder.FLOCK, asked)[0] == fcntl.F_UNLCK:
        return None  # as nearly always; looking at all processes takes longer
    with open(f"/proc/self/fdinfo/{descriptor}", "rb") as file:
        (place,) = other_processes.places_of_open_file_locks(file.read())
    holders = other_processes.with_open_file_lock(place)
    return next((pid for pid, user in holders.items() if user == os.geteuid()), None)


def _whole_file(kind: int) -> bytes:
    return struct.pack(lock_holder.FLOCK, kind, os.SEEK_SET, 0, 0, 0)


def _end_holders(path: bytes) -> None:
    """Ask every other process that holds the lock to end, and continue it if it is stopped."""
    for pid in other_processes.holding_lock(path):
        with suppress(OSError):  # it has ended
            os.kill(pid, signal.SIGTERM)
            os.kill(pid, signal.SIGCONT)


def _who(descriptor: int, path: bytes) -> str:
    """PID, start, what it is at, since when nothing moved, how to end it; as far as known."""
    note, holders = run_note.read(descriptor), list(other_processes.holding_lock(path))
    if note is None or not holders:  # another user's, perhaps
        return "another run holds the lock" + (f": PID {note.pid}" if note else "")
    if note.pid not in holders:
        pids = " ".join(map(str, holders))
        return (
            f"a run that was killed (PID {note.pid}, started {note.started}) has left a program"
            f" running that holds the lock; to end it: kill {pids}"
        )
    told = [f"another run holds the lock: PID {note.pid}", f"started {note.started}"]
    told += filter(None, (note.phase, note.detail))
    if note.idle >= _QUIET:
        told.append(f"nothing moved for {_in_words(note.idle)}")
    return ", ".join(told) + f"; to end it: kill {note.pid}"


def _in_words(seconds: float) -> str:
    minutes = int(seconds / 60)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h"
