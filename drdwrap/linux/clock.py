"""The kernel's clock for change times, which moves in ticks, and dates as people read them."""

import re
import time
from datetime import datetime
from typing import TypeGuard

TICK = 20_000_000
"""Nanoseconds, more than a tick of any kernel's clock.

A change time is the last tick before the change, so it can be 10 ms old. Two changes within one
tick can have the same change time, and a scan within that tick may miss the second one.
"""

DATE = "%Y-%m-%d %H:%M:%S"
"""The form of dates in results, in the lock and on the screen: `2026-11-23 17:20:05`, local time.
"""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}")


def wait(since: float | None = None) -> None:
    """Return when a tick has passed since that time (of `time.monotonic`), or since now."""
    start = time.monotonic() if since is None else since
    time.sleep(max(0.0, start + TICK / 1e9 - time.monotonic()))


def now() -> str:
    """The date and time of this moment."""
    return time.strftime(DATE)


def as_text(seconds: float) -> str:
    """The date of a time in seconds since 1970, or the number if there is no such date."""
    try:
        return time.strftime(DATE, time.localtime(seconds))
    except (ValueError, OverflowError, OSError):  # a file can have a time far beyond any calendar
        return f"{seconds:.0f} s after 1970"


def from_text(date: str) -> float:
    """A date as seconds since 1970. ValueError or OverflowError if `date` is not one."""
    return time.mktime(time.strptime(date, DATE))


def is_date(value: object) -> TypeGuard[str]:
    """Whether it is text that is a date of the form `DATE`."""
    if not isinstance(value, str) or not _DATE.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True
