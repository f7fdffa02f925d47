"""A sync, a fill, an accept and a reverse, each disturbed at some of its calls: see `crashes`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

from .crashes.trial import HOWS
from .lab.images import Images
from .lab.program import CHECKOUT

CANNOT = 77

Note = Callable[[str, object], None]


@pytest.mark.parametrize(
    ("what", "seconds"),
    [("sync", 14), ("fill", 3), ("accept", 3), ("reverse", 6), ("reverse-torn", 6)],
)
def test_what_follows_a_crash_puts_it_right(
    images: Images, what: str, seconds: int, record_property: Note
) -> None:
    """Killed, with an error of the disk, or cut off from power: as if nothing had happened."""
    ways = [f"--how={how}" for how in HOWS]
    record_property("crashes", crashes(f"--what={what}", *ways, f"--seconds={seconds}"))


def test_so_does_what_follows_several(images: Images, record_property: Note) -> None:
    """With changes on both sides in between."""
    record_property("crashes", crashes("--chains=1"))


def crashes(*arguments: str) -> str:
    """Run the program of that name; its last line, which says how many it has tried."""
    command = [sys.executable, "-m", "tests.integration.crashes", *arguments]
    done = subprocess.run(
        command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=300
    )
    if done.returncode == CANNOT:
        pytest.skip(done.stdout.strip())
    lines = (done.stdout + done.stderr).splitlines()
    assert done.returncode == 0, "\n".join(line for line in lines if not line.startswith("ok "))
    return lines[-1]
