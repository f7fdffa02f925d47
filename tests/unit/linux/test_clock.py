"""The kernel's clock for change times, and dates."""

from __future__ import annotations

import os
import time
from pathlib import Path

from drdwrap.linux import clock


def test_what_changes_after_a_tick_has_another_change_time(tmp_path: Path) -> None:
    for _ in range(5):
        os.utime(tmp_path)
        before = tmp_path.stat().st_ctime_ns
        clock.wait()
        os.utime(tmp_path)
        assert tmp_path.stat().st_ctime_ns > before


def test_a_tick_that_has_passed_is_not_waited_for() -> None:
    begun = time.monotonic()
    clock.wait(begun - 1)
    assert time.monotonic() - begun < clock.TICK / 1e9


def test_a_date_says_the_second_and_is_read_back() -> None:
    now = int(time.time())
    assert clock.from_text(clock.as_text(now)) == now
    assert 0 <= clock.from_text(clock.now()) - now <= 2
    assert len(clock.now()) == len("2026-11-23 17:20:05")
