"""A time limit ends a run as a signal does."""

from __future__ import annotations

import os
import signal
import time

import pytest

from drdwrap.errors import Interrupted
from drdwrap.linux import signals


@pytest.fixture(autouse=True)
def nothing_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(signals, "_asked", False)


def at_limit() -> None:
    os.kill(os.getpid(), signal.SIGALRM)


def test_the_run_is_interrupted_when_the_time_is_over() -> None:
    begun = time.monotonic()
    with pytest.raises(Interrupted) as interrupted, signals.time_limit(1):
        time.sleep(20)
    assert 0.9 < time.monotonic() - begun < 10
    assert interrupted.value.signum == signal.SIGALRM
    assert interrupted.value.reason == "the time limit of 1 s was reached"


def test_not_while_a_program_is_started() -> None:
    reached = []

    def start() -> None:
        with signals.deferred():
            at_limit()
            reached.append("the end")

    with pytest.raises(Interrupted), signals.time_limit(60):
        start()
    assert reached == ["the end"]


def test_only_once() -> None:
    with signals.time_limit(60):
        with pytest.raises(Interrupted):
            at_limit()
        at_limit()


def test_after_its_end_nothing_is_limited() -> None:
    before = signal.getsignal(signal.SIGALRM)
    with signals.time_limit(60):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 50
    assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)
    assert signal.getsignal(signal.SIGALRM) == before


def test_without_a_limit_nothing_is_set() -> None:
    with signals.time_limit(None):
        assert signal.getitimer(signal.ITIMER_REAL) == (0, 0)


def test_a_limit_may_be_longer_than_any_timer() -> None:
    with signals.time_limit(10**30):
        assert signal.getitimer(signal.ITIMER_REAL)[0] > 10**8


def test_a_signal_is_named_by_its_number() -> None:
    assert Interrupted(signal.SIGTERM).reason == "interrupted by signal 15"
