"""Take leases from other processes (fcntl(2), F_SETLEASE), all at once.

An open(2) of a file under a write lease waits until its holder gives it up, or for
`/proc/sys/fs/lease-break-time` seconds: 45, and with 200 such files more than two hours.
"""

import os
from collections.abc import Iterable
from contextlib import suppress
from time import monotonic, sleep

_FLAGS = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
_EVERY = 0.1
_GRACE = 2.0


def take(paths: Iterable[bytes]) -> list[bytes]:
    """Ask the holders of leases on these files to give them up, and wait until they have, or the
    kernel has ended the leases. Returns those that cannot be opened even then."""
    if not _any():
        return []
    held = _held(paths)
    end = monotonic() + _break_time() + _GRACE
    while held and monotonic() < end:
        sleep(_EVERY)
        held = _held(held)
    return held


def _any() -> bool:
    """Whether any process has a lease (proc_locks(5)), or that cannot be known."""
    try:
        with open("/proc/locks", "rb") as file:
            return b" LEASE " in file.read()
    except OSError:
        return True


def _break_time() -> int:
    with suppress(OSError, ValueError), open("/proc/sys/fs/lease-break-time") as file:
        return int(file.read())
    return 45


def _held(paths: Iterable[bytes]) -> list[bytes]:
    """Those that another process has a lease on; the kernel has asked it now to give it up."""
    held = []
    for path in paths:
        try:
            os.close(os.open(path, _FLAGS))
        except BlockingIOError:
            held.append(path)
        except OSError:
            continue  # whoever copies it finds out
    return held
