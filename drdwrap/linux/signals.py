"""Signals that ask the run to end: raised as `Interrupted`, but not while a program is started."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

from drdwrap.errors import Interrupted

_pending: list[Interrupted] = []
_depth = 0
_asked = False

_LONGEST_LIMIT = 10**9
"""Seconds, or 31 years. Python refuses a timer of more than 292 years."""


def install() -> None:
    """Raise Interrupted in the main thread for the first of SIGINT, SIGTERM and SIGHUP.

    Later ones (the end of a session sends two) are ignored: they would cut short the clean-up.
    """
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:  # nohup(1) means it
            signal.signal(number, _interrupt)


@contextmanager
def time_limit(seconds: int | None) -> Iterator[None]:
    """Raise Interrupted after `seconds`, as for a signal, unless the context has ended before.

    The signal is SIGALRM. None sets no limit.
    """
    if seconds is None:
        yield
        return

    def at_limit(signum: int, _frame: FrameType | None) -> None:
        _ask(Interrupted(signum, f"the time limit of {seconds} s was reached"))

    before = signal.signal(signal.SIGALRM, at_limit)
    signal.setitimer(signal.ITIMER_REAL, min(seconds, _LONGEST_LIMIT))
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def _interrupt(signum: int, _frame: FrameType | None) -> None:
    _ask(Interrupted(signum))


def _ask(interrupted: Interrupted) -> None:
    global _asked
    if _asked:
        return
    _asked = True
    if _depth:
        _pending.append(interrupted)
    else:
        raise interrupted


@contextmanager
def deferred() -> Iterator[None]:
    """Keep a signal until the end of the context. (A mask would be inherited by children.)"""
    global _depth
    _depth += 1
    try:
        yield
    finally:
        _depth -= 1
        if _pending and not _depth:
            raise _pending.pop()
