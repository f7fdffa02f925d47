"""How long the steps of the lab took; printed at the end of the test run."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Times:
    """Lines since they were last taken."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    @contextmanager
    def step(self, what: str) -> Iterator[None]:
        """Time a step, also one that fails."""
        started = time.monotonic()
        try:
            yield
        finally:
            self._lines.append(f"{time.monotonic() - started:6.1f} s  {what}")

    def add(self, lines: str) -> None:
        """Lines that another program has printed."""
        self._lines += lines.splitlines()

    def take(self) -> list[str]:
        """All of them, once."""
        lines, self._lines = self._lines, []
        return lines


TIMES = Times()
