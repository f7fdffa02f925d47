"""Read a configuration file, and check who could have written it: its hooks run as root."""

import os
import shlex
import stat
from pathlib import Path

from drdwrap.config.problem import Problem
from drdwrap.paths.escaping import for_screen

_LARGEST = 1 << 20
"""Bytes. An exclude_list of ten thousand paths is far smaller."""


def read_text(path: Path) -> tuple[str | None, list[Problem]]:
    """The text of the regular file `path` (UTF-8), and what is wrong with the file itself.

    The text is None if the file cannot be used. The checks are made on the open file, so that
    nobody can exchange it in between. A FIFO or a device is refused without waiting for it.
    Raises OSError if the file cannot be opened or read.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return None, [Problem("is not a regular file")]
        with open(descriptor, "rb", closefd=False) as file:
            data = file.read(_LARGEST + 1)
        if len(data) > _LARGEST:
            return None, [Problem(f"is larger than {_LARGEST >> 20} MiB")]
    finally:
        os.close(descriptor)
    problems = _distrust(path, status)
    try:
        return data.decode("utf-8"), problems
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return None, [*problems, Problem("is not UTF-8 text", line=line)]


def _distrust(path: Path, status: os.stat_result) -> list[Problem]:
    """What lets somebody other than root and the caller put commands into the file."""
    quoted = for_screen(os.fsencode(shlex.quote(str(path))))
    problems = []
    if status.st_uid not in (0, os.geteuid()):
        problems.append(
            Problem(
                f"is owned by user {status.st_uid}, and its hooks run as root;"
                f" read what it says, then run: chown root {quoted}"
            )
        )
    if status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        problems.append(
            Problem(
                "can be written by group or others, and its hooks run as root;"
                f" read what it says, then run: chmod go-w {quoted}"
            )
        )
    return problems
