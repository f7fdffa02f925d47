"""The one place that runs a program for the building of a box."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path


class BuildError(Exception):
    """The box cannot be made; the text says why, in a line."""


def run(
    *arguments: str | Path, environment: Mapping[str, str] | None = None, stdin: str | None = None
) -> str:
    """Run a program and return what it printed. BuildError, with its last words, if it fails."""
    try:
        done = subprocess.run(
            [os.fspath(argument) for argument in arguments],
            env={**_environment(), **(environment or {})},
            input=stdin or "",
            capture_output=True,
            text=True,
            errors="backslashreplace",
            check=False,
        )
    except FileNotFoundError as error:
        raise BuildError(f"{arguments[0]}: no such program") from error
    if done.returncode:
        said = (done.stderr or done.stdout).strip().splitlines()[-3:] or ["no message"]
        raise BuildError(f"{arguments[0]} exited {done.returncode}: {' / '.join(said)}")
    return done.stdout


def _environment() -> dict[str, str]:
    return {
        "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        "LC_ALL": "C",
        "HOME": "/root",
        "DEBIAN_FRONTEND": "noninteractive",
    }
