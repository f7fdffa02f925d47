"""The first process (PID 1) of a PID namespace: it starts the program, waits for it, and ends what
the program left running.

Signals from inside the namespace do not reach it, except those it has a handler for: it has none.
When it ends, however that happens, the kernel kills everything in the namespace.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import NoReturn

from drdwrap.errors import DrdwrapError, in_words
from drdwrap.paths.escaping import for_screen

_BY_ITSELF = 0.5
"""Seconds that what is left running has to end by itself, before it is named."""

_PATIENCE = 5
"""Seconds that it has after SIGTERM."""

_NOT_FOUND, _NOT_STARTED = 127, 126
"""Exit statuses of a program that is not there or cannot be run, as shells have them."""


_IGNORED_HERE = (signal.SIGPIPE, signal.SIGXFSZ, signal.SIGTTOU)
"""Signals that Python or drdwrap ignores. (What nohup(1) ignores stays so.)"""

_MOST = 50
"""Names of processes in a report."""


@dataclass(frozen=True)
class Report:
    """What the first process says when it ends. `status` is an exit status, or minus the number of
    a signal; `left` are the names of the processes that were ended. If the program could not be
    started at all, `error` and `hint` say why."""

    status: int = 0
    left: tuple[str, ...] = ()
    error: str = ""
    hint: str = ""

    def to_json(self) -> bytes:
        return json.dumps(self.__dict__).encode() + b"\n"

    @classmethod
    def from_json(cls, text: bytes) -> "Report":
        fields = json.loads(text)
        return cls(**{**fields, "left": tuple(fields["left"])})


def failed(error: DrdwrapError | OSError) -> Report:
    """The report of a program that could not be started because of this error."""
    if isinstance(error, DrdwrapError):
        return Report(error=error.message, hint=error.hint)
    return Report(error=in_words(error))


def execute(
    command: Sequence[bytes], environment: Mapping[bytes, bytes], tell: int, start: int
) -> NoReturn:
    """Become the program, in a process group of its own: say `ready`, and start when something can
    be read at `start` (if its other end is closed, this process ends)."""
    status = _NOT_STARTED
    try:
        os.setpgid(0, 0)
        os.write(tell, b"ready\n")
        if not os.read(start, 1):
            os._exit(status)
        os.closerange(3, 1 << 20)  # the lock, above all
        for number in _IGNORED_HERE:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        os.execvpe(command[0], list(command), environment)  # noqa: S606
    except OSError as error:
        is_missing = isinstance(error, FileNotFoundError)
        said = "no such program on the clone" if is_missing else error.strerror
        sys.stderr.write(f"drdwrap: {for_screen(command[0])}: {said}\n")
        sys.stderr.flush()
        status = _NOT_FOUND if is_missing else _NOT_STARTED
    finally:
        os._exit(status)


def outlast(child: int) -> Report:
    """Wait for the child, and then end every other process of the namespace.

    A child that is stopped from the terminal (Ctrl-Z) is continued at once: there is no shell that
    could do it.
    """
    while True:
        pid, how = os.waitpid(-1, os.WUNTRACED)
        if pid != child:
            continue
        if not os.WIFSTOPPED(how):
            return Report(os.waitstatus_to_exitcode(how), tuple(_end_the_others()))
        if os.WSTOPSIG(how) == signal.SIGTSTP:
            with suppress(ProcessLookupError):
                os.killpg(child, signal.SIGCONT)


def _end_the_others() -> list[str]:
    """The names of the processes that did not end by themselves."""
    _wait_for_all(_BY_ITSELF)
    names = sorted(filter(None, map(_name, _others())))
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGTERM)
        os.kill(-1, signal.SIGCONT)
    _wait_for_all(_PATIENCE)
    return names[:_MOST]


def _wait_for_all(seconds: float) -> None:
    until = time.monotonic() + seconds
    while _others() and time.monotonic() < until:
        time.sleep(0.02)


def _others() -> list[int]:
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and name != "1"]


def _name(pid: int) -> str:
    """The program with its arguments, at most 60 characters; empty if it has ended."""
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as file:
            words = file.read().rstrip(b"\0").replace(b"\0", b" ")
        if not words:
            with open(f"/proc/{pid}/comm", "rb") as file:
                words = file.read().strip()
    except OSError:
        return ""
    return for_screen(words[:60])
