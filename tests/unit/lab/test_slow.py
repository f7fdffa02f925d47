"""Slow tests are left out, and counted, unless they are asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

TESTS = Path(__file__).parents[2]

MARKED = """
import pytest

def test_quick(): pass

@pytest.mark.slow
def test_slow(): pass

@pytest.mark.vm
def test_machine(): pass

@pytest.mark.slow
@pytest.mark.vm
def test_slow_machine(): pass
"""


@pytest.mark.parametrize(
    ("words", "passed", "left_out"),
    [
        (("-p", "xdist", "-n", "2"), 2, 2),
        (("-m", "not vm"), 1, 1),
        (("-m", "slow"), 2, 0),
        (("-m", "slow or not slow"), 4, 0),
    ],
)
def test_what_is_slow_runs_when_asked_for(
    tmp_path: Path, words: tuple[str, ...], passed: int, left_out: int
) -> None:
    (tmp_path / "test_marked.py").write_text(MARKED)
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers =\n  vm\n  slow\n")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "slow", *words],
        cwd=tmp_path,
        env={
            **os.environ,
            "PYTHONPATH": str(TESTS),
            "PYTEST_ADDOPTS": "",
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{passed} passed" in done.stdout
    line = f"left out: {left_out} slow (sh tests/env pytest -m slow)"
    assert (line in done.stdout) == (left_out > 0)
