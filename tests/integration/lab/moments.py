"""Moments of a run that no program it starts marks: what happens there is done in its process.

Each returns what `Pair.start` takes as `prepare`.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from typing import Any

Prepare = Callable[[], None]


def before(module: Any, name: str, do: Callable[[], object]) -> Prepare:
    """Have the run do something right before it calls this function, every time."""

    def prepare() -> None:
        function = getattr(module, name)

        def wrapped(*arguments: Any, **options: Any) -> Any:
            do()
            return function(*arguments, **options)

        setattr(module, name, wrapped)

    return prepare


def after_the_copy(do: Callable[[], object]) -> Prepare:
    """When the last rsync has ended and been looked at, and before the record is made."""

    from drdwrap.sync import copy

    return before(copy, "tidy", do)


def kill() -> None:
    """What to do, for a run that dies then."""
    os.kill(os.getpid(), signal.SIGKILL)
