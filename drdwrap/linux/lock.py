"""One run at a time. The lock lives as long as any process of the run that holds its descriptor."""

import fcntl
import json
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from drdwrap.errors import DrdwrapError, LockHeldError, in_words
from drdwrap.linux import process


@contextmanager
def held(path: bytes, *, take_over: bool = False) -> Iterator[None]:
    """Hold the lock file at `path`. Children inherit it: an rsync that outlives us keeps it.

    LockHeldError, naming the PID and the start of the run that has it, when it is not free; to
    `take_over` ends that run, and waits for it.
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
        note = {"pid": os.getpid(), "started": time.strftime("%Y-%m-%d %H:%M:%S")}
        with suppress(OSError):  # on a full disk the lock still locks
            os.ftruncate(descriptor, 0)
            os.pwrite(descriptor, json.dumps(note).encode(), 0)
        process.keep_open(descriptor)
        yield
    finally:
        process.forget(descriptor)
        os.close(descriptor)


def _try(descriptor: int) -> bool:
    """Lock it, if it is free. `holder` may have it for an instant."""
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
    """Who holds the lock file at `path`, in words; nothing if it is free, or cannot be asked."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
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
    """Hold a lock on the clone's root directory: a run with another state directory has another.

    LockHeldError when it is not free.
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
        process.keep_open(descriptor)
        yield
    finally:
        process.forget(descriptor)
        os.close(descriptor)


def _end_holders(path: bytes) -> None:
    """Ask every other process that holds the lock to end, and continue it if it is stopped."""
    for pid in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with suppress(OSError):  # it has ended
            if pid != os.getpid() and _has_locked(pid, path):
                os.kill(pid, signal.SIGTERM)
                os.kill(pid, signal.SIGCONT)


def _has_locked(pid: int, path: bytes) -> bool:
    """Whether the process has a descriptor that holds the lock on this file.

    Of all other files no more than the name is read, as the kernel has it: one on a dead network
    mount would be waited for.
    """
    directory = os.fsencode(f"/proc/{pid}/fd/")
    for name in os.listdir(directory):
        with suppress(OSError):  # closed
            if os.path.basename(os.readlink(directory + name)) != os.path.basename(path):
                continue
            with open(f"/proc/{pid}/fdinfo/{os.fsdecode(name)}", "rb") as file:
                is_locked = b"\nlock:" in file.read()
            if is_locked and os.path.samefile(directory + name, path):
                return True
    return False


def _who(descriptor: int) -> str:
    try:
        note = json.loads(os.pread(descriptor, 200, 0))
        pid, started = int(note["pid"]), str(note["started"])
    except (ValueError, KeyError, TypeError):
        return "another run holds the lock"
    if os.path.exists(f"/proc/{pid}"):
        return f"another run holds the lock: PID {pid}, started {started}"
    return (
        f"a run that was killed (PID {pid}, started {started}) still has a program under way"
        " that holds the lock"
    )
