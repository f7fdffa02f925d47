"""A run of the tool on a terminal of its own."""

from __future__ import annotations

import fcntl
import os
import pty
import struct
import termios

from .pair import Pair
from .program import Program


def on_a_terminal(pair: Pair, *arguments: str, ok: int = 0, width: int = 120) -> bytes:
    """All that the command writes to its terminal; messages and results are one stream there."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 40, width, 0, 0))
    command = ["--config", str(pair.config), *arguments]
    env = {**pair.env, "TERM": "xterm-256color"}
    program = Program(command, env, fresh=False, terminal=theirs)
    os.close(theirs)
    told = b""
    try:
        while chunk := os.read(ours, 65536):
            told += chunk
    except OSError:  # how a terminal says that its last user is gone
        pass
    os.close(ours)
    status = program.wait().returncode
    assert status == ok, f"{arguments}: exit {status}, not {ok}\n{told.decode(errors='replace')}"
    return told
