"""Run a program for the lab, and start one that does not outlive the tests."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any


class LabError(Exception):
    """Something of the lab failed; the text says what, in a few lines."""


def run(*arguments: str | Path, timeout: float = 600, **more: Any) -> str:
    """Run a program that must succeed and return what it printed. LabError."""
    command = [str(argument) for argument in arguments]
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=timeout,
            stdin=subprocess.DEVNULL, check=False, **more,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise LabError(f"{' '.join(command)}: not done after {timeout:.0f} s") from error
    if done.returncode:
        said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-20:])
        raise LabError(f"{' '.join(command)}: exit {done.returncode}\n{said}")
    return str(done.stdout)


def start(arguments: Sequence[str | Path], output: IO[bytes] | int) -> subprocess.Popen[bytes]:
    """Start a program that the kernel kills when the thread that started it ends, however it ends.

    (Linux tells a parent's death by its thread: start from one that lives as long as the program.)
    """
    return subprocess.Popen(
        ["setpriv", "--pdeathsig", "KILL", *[str(argument) for argument in arguments]],
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=subprocess.STDOUT,
    )
