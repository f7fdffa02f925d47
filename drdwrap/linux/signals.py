"""Signals that ask the run to end: raised as `Interrupted`, but never half-way through a start."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from drdwrap.errors import Interrupted

_pending: list[int] = []
_depth = 0
_asked = False


def install() -> None:
    """Raise Interrupted in the main thread for the first of SIGINT, SIGTERM and SIGHUP.

    Whatever comes after it (a session's end sends two) would only cut short what is being undone.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup(1) means it
            signal.signal(number, _interrupt)


def _interrupt(signum: int, _frame: FrameType | None) -> None:
    global _asked
    if _asked:
        return
    _asked = True
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
