"""End a run of rsync that makes no progress, and say what it was at.

A file that another user owns can become a FIFO right before rsync opens it: open(2) then waits
without end. A run that does nothing else for a long time is ended too (rsync can deadlock).
"""

import os
import signal
from contextlib import suppress
from dataclasses import dataclass
from time import monotonic

from drdwrap.linux.progress import Progress, waits_to_open

OPENING = 20
"""Seconds that rsync may wait in one open(2). No disk takes as long."""

NOTHING = 300
"""Seconds that it may do nothing at all: no byte, no call, no CPU time. A disk that retries a bad
sector needs up to three minutes."""


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


class Stalls:
    """What to look at runs with (see `process.watch`): one that stalls is killed, and listed in
    `found`."""

    def __init__(self) -> None:
        self.found: list[Stall] = []
        self._quiet: dict[int, tuple[Progress, float]] = {}
        """What each group had done, and since when it has done nothing more."""

    def look(self, group: int, now: Progress) -> None:
        before, since = self._quiet.get(group, (None, 0.0))
        if now != before or now.stopped or not now.done:
            self._quiet[group] = now, monotonic()
            return
        quiet = monotonic() - since
        opening = waits_to_open(group) if quiet >= OPENING else None
        if opening is not None or quiet >= NOTHING:
            self.found.append(Stall(opening))
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
            self._quiet[group] = now, monotonic()
