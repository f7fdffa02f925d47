"""The kernel's clock for change times: it stands still for a tick, and then jumps."""

import time

TICK = 0.02
"""Seconds, more than any kernel's tick. Two changes within one tick may have the same change time:
only a look after it shows what the second one has made."""


def wait(since: float) -> None:
    """Return when a tick has gone by since that time (of `time.monotonic`)."""
    time.sleep(max(0.0, since + TICK - time.monotonic()))
