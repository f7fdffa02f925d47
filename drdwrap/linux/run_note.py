"""What a run is at, and when it last moved: kept in its lock file, for whoever meets it there.

It is written in one step, at each phase and at most once a second. The file has always the same
size, so a reader finds an old note or a new one.
"""

import json
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from drdwrap import kept_json
from drdwrap.linux import clock

_SIZE = 4096
_LONGEST = 120
"""Characters of a phase or a detail. In JSON each takes up to twelve bytes."""


@dataclass(frozen=True)
class RunNote:
    """`started` is a date. `phase` and `detail` are for a screen and may be empty; `idle` are the
    seconds since anything moved."""

    pid: int
    started: str
    phase: str
    detail: str
    idle: float


class _Kept:
    """The note of this process's own run."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._fields: dict[str, Any] = {"pid": os.getpid(), "started": clock.now()}
        self._fields |= {"phase": "", "detail": "", "moved": 0.0}
        self._written = 0.0
        self.tell("beginning", "")

    def tell(self, phase: str, detail: str) -> None:
        phase, detail = phase[:_LONGEST], detail[:_LONGEST]
        begins = phase != self._fields["phase"]
        if begins or detail != self._fields["detail"]:
            self._fields["phase"], self._fields["detail"] = phase, detail
            self.moved(at_once=begins)

    def moved(self, *, at_once: bool = False) -> None:
        now = time.monotonic()
        self._fields["moved"] = now
        if at_once or now - self._written >= 1:
            self._written = now
            with suppress(OSError):  # on a full disk the lock still locks
                os.pwrite(self._descriptor, json.dumps(self._fields).encode().ljust(_SIZE), 0)


_kept: _Kept | None = None


@contextmanager
def kept(descriptor: int) -> Iterator[None]:
    """Keep a note in this file, for the length of the context."""
    global _kept
    before, _kept = _kept, _Kept(descriptor)
    try:
        yield
    finally:
        _kept = before


def is_kept() -> bool:
    """Whether this process keeps one."""
    return _kept is not None


def note(phase: str, detail: str = "") -> None:
    """Say what the run is at (`copying`) and how far (`1,200 of 4,000 files`). If either has
    changed, the run has moved. Nothing happens where no note is kept."""
    if _kept is not None:
        _kept.tell(phase, detail)


def moved() -> None:
    """Say that the run has moved, where nothing tells how far."""
    if _kept is not None:
        _kept.moved()


def read(descriptor: int) -> RunNote | None:
    """The note in this file, or None if there is none that makes sense."""
    try:
        found = kept_json.fields(kept_json.parsed(os.pread(descriptor, _SIZE, 0)))
        pid = kept_json.number(found.get("pid"), "pid")
        phase = kept_json.text(found.get("phase", ""), "phase")
        detail = kept_json.text(found.get("detail", ""), "detail")
        started, since = found.get("started"), found.get("moved")
    except (OSError, ValueError):
        return None
    if not clock.is_date(started):
        return None
    idle = time.monotonic() - since if isinstance(since, float) else 0.0
    return RunNote(pid, started, phase, detail, max(idle, 0.0))
