"""End a run of rsync that makes no progress, and say what it was at.

A file that another user owns can become a FIFO right before rsync opens it: open(2) then waits
without end. A run that does nothing else for a long time is ended too (rsync can deadlock).
"""

import os
import signal
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic

from drdwrap.linux import signals
from drdwrap.linux.progress import Progress, progress_of, waits_to_open

OPENING = 20
"""Seconds that rsync may wait in one open(2). No disk takes as long."""

NOTHING = 300
"""Seconds that it may do nothing at all: no byte, no call, no CPU time. A disk that retries a bad
sector needs up to three minutes."""

_EVERY = 2


@dataclass(frozen=True)
class Stall:
    """A run that was ended. `opening` is the file (absolute) that it could not open, if that was
    it."""

    opening: bytes | None

    @property
    def why(self) -> str:
        if self.opening is not None:
            return f"rsync waited for it to open for {OPENING} seconds, and was ended"
        return f"rsync did nothing for {NOTHING} seconds, and was ended"


@contextmanager
def watched(groups: Collection[int]) -> Iterator[list[Stall]]:
    """Watch these process groups for the length of the context. The list is of those that stalled:
    they were killed."""
    done, stalls = Event(), list[Stall]()
    watching = Thread(target=_watch, args=(groups, done, stalls), daemon=True)
    try:
        with signals.deferred():  # a thread that nobody ends would keep the namespace
            watching.start()
        yield stalls
    finally:
        done.set()
        with signals.deferred():
            watching.join()


def _watch(groups: Collection[int], done: Event, stalls: list[Stall]) -> None:
    seen = {group: _Quiet(progress_of(group), monotonic()) for group in groups}
    while not done.wait(_EVERY):
        for group, quiet in list(seen.items()):
            stall = quiet.look(group, progress_of(group), monotonic())
            if stall is not None:
                del seen[group]
                stalls.append(stall)
                with suppress(ProcessLookupError):
                    os.killpg(group, signal.SIGKILL)


@dataclass
class _Quiet:
    """Since when a group has made no progress."""

    before: Progress
    since: float

    def look(self, group: int, now: Progress, at: float) -> Stall | None:
        if now != self.before or now.stopped or not now.done:
            self.before, self.since = now, at
            return None
        quiet = at - self.since
        if quiet >= OPENING and (opening := waits_to_open(group)):
            return Stall(opening)
        return Stall(None) if quiet >= NOTHING else None
