"""Programs are started, waited for and ended in one place."""

from __future__ import annotations

import time

import pytest

from drdwrap.linux import process


def test_a_program_that_ignores_sigterm_is_killed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(process, "_PATIENCE", 0.3)
    running = process.start("sh", ["-c", "trap '' TERM; sleep 60 & wait; sleep 60"])
    time.sleep(0.2)
    begun = time.monotonic()
    running.stop()
    assert time.monotonic() - begun < 5
    assert running.finished().status == -9
