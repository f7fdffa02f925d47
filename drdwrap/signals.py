"""Signals that ask the run to end: raised as `Interrupted`, but never half-way through a start."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from drdwrap.errors import Interrupted

_pending: list[int] = []
_depth = 0


def install() -> None:
    """Raise Interrupted in the main thread for SIGINT, SIGTERM and SIGHUP."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup(1) means it
            signal.signal(number, _interrupt)


def _interrupt(signum: int, _frame: FrameType | None) -> None:
    if _depth:
        _pending.append(signum)
    else:
        raise Interrupted(signum)


@contextmanager
def deferred() -> Iterator[None]:
    """Let a signal wait until the end of the context. (Masking it would mask it in children.)"""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        if _pending and not _depth:
            raise Interrupted(_pending.pop())
