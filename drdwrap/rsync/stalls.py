"""End a run of rsync that makes no progress, and say what it was at.

A file that another user owns can become a FIFO right before rsync opens it: open(2) then waits
without end. Or it gets a hole that takes years to read. A run that does nothing else for a long
time is ended too (rsync can deadlock).
"""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from drdwrap.linux.progress import Progress, reads_large_holes, waits_to_open

OPENING = 20
"""Seconds that rsync may wait in one open(2). No disk takes as long."""

NOTHING = 300
"""Seconds that it may do nothing at all: no byte, no call, no CPU time. A disk that retries a bad
sector needs up to three minutes."""


@dataclass(frozen=True)
class Stall:
    """A run that was ended. `opening` is the file (absolute) that it could not open, if that was
    it, or (`reads_hole`) that it would not have read to its end."""

    opening: bytes | None
    reads_hole: bool = False

    @property
    def why(self) -> str:
        if self.reads_hole:
            return "it got a large hole while it was copied, and rsync was ended"
        if self.opening is not None:
            return f"rsync waited for it to open for {OPENING} seconds, and was ended"
        return f"rsync did nothing for {NOTHING} seconds, and was ended"


class Stalls:
    """What to look at runs with (see `process.watch`): one that stalls is killed, and listed in
    `found`."""

    def __init__(self, root: bytes) -> None:
        """`root` is that of the tree that is read."""
        self._root = root
        self.found: list[Stall] = []
        self._quiet: dict[int, tuple[Progress, float]] = {}
        """What each group had done, and since when it has done nothing more."""

    def look(self, group: int, now: Progress) -> None:
        if (hole := reads_large_holes(group, self._root)) is not None:
            self._end(group, now, Stall(hole, reads_hole=True))
            return
        before, since = self._quiet.get(group, (None, 0.0))
        if now != before or now.stopped or not now.done:
            self._quiet[group] = now, monotonic()
            return
        quiet = monotonic() - since
        opening = waits_to_open(group) if quiet >= OPENING else None
        if opening is not None or quiet >= NOTHING:
            self._end(group, now, Stall(opening))

    def _end(self, group: int, now: Progress, stall: Stall) -> None:
        self.found.append(stall)
        with suppress(ProcessLookupError):
            os.killpg(group, signal.SIGKILL)
        self._quiet[group] = now, monotonic()
