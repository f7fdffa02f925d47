"""Running drdwrap: as a user would, or sooner in a fork of the test's own interpreter."""

from __future__ import annotations

import fcntl
import importlib
import logging
import os
import pkgutil
import random
import select
import signal
import subprocess
import sys
import termios
import traceback
import warnings
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import NoReturn

from .processes import Process, family, kill

CHECKOUT = Path(__file__).resolve().parents[3]


def closed_to_others() -> str:
    """Why nobody but root can run the checkout, or the empty string."""
    open_ = all(place.stat().st_mode & 0o005 == 0o005 for place in (CHECKOUT, *CHECKOUT.parents))
    return "" if open_ else f"others than root may not enter {CHECKOUT}"


NOBODY = 65534


def become_nobody() -> None:
    """What a run without root's rights begins with."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(NOBODY, NOBODY, NOBODY)


class Program:
    """One run of the tool, in a session of its own."""

    def __init__(
        self,
        arguments: Sequence[str],
        env: Mapping[str, str],
        *,
        fresh: bool,
        terminal: int | None = None,
        prepare: Callable[[], None] | None = None,
    ) -> None:
        """``fresh`` starts an interpreter; else main() is called in a fork, which is faster.

        ``terminal`` is where input, output and messages go instead of nowhere and two files.
        ``prepare`` is called in the child before all else.
        """
        self.arguments = list(arguments)
        self._prepare = prepare
        self._terminal = terminal
        self._out = os.memfd_create("stdout")
        self._err = os.memfd_create("stderr")
        start = self._start_fresh if fresh else self._start_forked
        self.pid = start(dict(env))
        self._pidfd = os.pidfd_open(self.pid)
        self._ended: subprocess.CompletedProcess[bytes] | None = None

    def _start_fresh(self, env: dict[str, str]) -> int:
        # Not Popen: its destructor would reap the child behind the back of wait().
        command = [sys.executable, "-m", "drdwrap", *self.arguments]
        pid = os.fork()
        if pid == 0:
            self._become(lambda: os.execve(sys.executable, command, env), env)
        return pid

    def _start_forked(self, env: dict[str, str]) -> int:
        main = entry_point()
        pid = os.fork()
        if pid == 0:
            self._become(lambda: main(self.arguments), env)
        return pid

    def _become(self, run: Callable[[], int], env: dict[str, str]) -> NoReturn:
        """In the child: forget the test session, run, and end without its clean-up."""
        status = 70
        try:
            os.setsid()
            if self._terminal is not None:
                fcntl.ioctl(self._terminal, termios.TIOCSCTTY, 0)
                streams = [self._terminal] * 3
            else:
                streams = [os.open(os.devnull, os.O_RDONLY), self._out, self._err]
            for number, stream in enumerate(streams):
                os.dup2(stream, number)
            if self._prepare is not None:
                self._prepare()
            os.chdir(CHECKOUT)
            os.environ.clear()
            os.environ.update(env)
            signal.signal(signal.SIGINT, signal.default_int_handler)
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where nohup(1) began the session
            _forget_pytest(["drdwrap", *self.arguments])
            status = run() or 0
        except SystemExit as stop:
            status = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        except BaseException:
            os.write(2, traceback.format_exc().encode())
        finally:
            for output in (sys.stdout, sys.stderr):
                try:
                    output.flush()
                except OSError:
                    status = 70
            os._exit(status)

    def running(self) -> bool:
        return self._ended is None and not select.select([self._pidfd], [], [], 0)[0]

    def signal(self, number: signal.Signals) -> None:
        signal.pidfd_send_signal(self._pidfd, number)

    def family(self) -> list[Process]:
        return family(self.pid)

    def rsyncs(self) -> list[Process]:
        return [process for process in self.family() if process.name == "rsync"]

    def kill_all(self) -> None:
        """SIGKILL the program and all it started, at one blow as near as may be."""
        if self.running():
            os.kill(self.pid, signal.SIGKILL)
        while victims := [p for p in self.family() if p.pid != os.getpid()]:
            kill(victims)

    def wait(self, timeout: float = 60.0) -> subprocess.CompletedProcess[bytes]:
        """Its end, with the exit status negative for a signal, as subprocess has it."""
        if self._ended is None:
            if not select.select([self._pidfd], [], [], timeout)[0]:
                self.kill_all()
                os.waitpid(self.pid, 0)
                told = _contents(self._err).decode(errors="replace")
                raise AssertionError(f"{self.arguments} did not end in {timeout} s:\n{told}")
            self._ended = self._end(os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1]))
        return self._ended

    def _end(self, status: int) -> subprocess.CompletedProcess[bytes]:
        ended = subprocess.CompletedProcess(
            self.arguments, status, _contents(self._out), _contents(self._err)
        )
        for descriptor in (self._pidfd, self._out, self._err):
            os.close(descriptor)
        return ended


def _contents(file: int) -> bytes:
    # By position: the offset is shared with the program, which may still write.
    return os.pread(file, os.fstat(file).st_size, 0)


def _forget_pytest(argv: list[str]) -> None:
    sys.stdin = os.fdopen(0, closefd=False)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8", closefd=False)
    sys.stderr = os.fdopen(2, "w", encoding="utf-8", errors="backslashreplace", closefd=False)
    sys.argv = argv
    logging.getLogger().handlers.clear()
    warnings.resetwarnings()
    warnings.simplefilter("ignore")
    random.seed()  # hypothesis gives every example the same seed


@cache
def entry_point() -> Callable[[list[str]], int]:
    """drdwrap's main(), with all that it imports in memory so that no fork has to do it again."""
    for library in ("jinja2", "jsonschema", "rich.progress", "rich.table", "sh"):
        importlib.import_module(library)
    if str(CHECKOUT) not in sys.path:
        sys.path.insert(0, str(CHECKOUT))
    package = importlib.import_module("drdwrap")
    for module in pkgutil.walk_packages(package.__path__, "drdwrap."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    main: Callable[[list[str]], int] = importlib.import_module("drdwrap.__main__").main
    return main
