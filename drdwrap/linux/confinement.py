"""Run a program in namespaces of its own, and pass on its terminal, its signals and its status.

There are three processes: drdwrap, which waits and passes signals on; below it one that makes the
namespaces; and below that the first process of the new PID namespace (see `first_process`). Each of
these two dies with the one above it, so a kill of drdwrap ends everything at once.
"""

import os
import signal
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import NoReturn

from drdwrap.errors import DrdwrapError
from drdwrap.linux import first_process, syscalls, terminal
from drdwrap.linux.first_process import Report
from drdwrap.linux.terminal import Terminal

_NAMESPACES = (
    syscalls.CLONE_NEWPID | syscalls.CLONE_NEWNS | syscalls.CLONE_NEWIPC | syscalls.CLONE_NEWUTS
)
_PASSED_ON = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_PATIENCE = 15
"""Seconds that the program has to end after such a signal."""


@dataclass(frozen=True)
class Ended:
    """How the program ended: its exit status or minus the number of a signal; what it left running
    (names); and the signal that drdwrap got meanwhile, or 0."""

    status: int
    left: tuple[str, ...]
    signum: int


def run(
    command: Sequence[bytes],
    environment: Mapping[bytes, bytes],
    prepare: Callable[[], None],
    confine: Callable[[], None],
) -> Ended:
    """Run the command, and end what it leaves running.

    In the new namespaces `prepare` mounts what the command is to see and changes the root, and
    `confine` gives up rights. (Both are called there with nothing of the old root in reach after
    `prepare`: what they import must have been imported.) DrdwrapError if either fails.
    """
    with ExitStack() as stack:
        tty = stack.enter_context(terminal.lent())
        fetched = stack.enter_context(_signals_waiting())
        told, start = os.pipe(), os.pipe()
        here = os.getpid()
        outer = os.fork()
        if outer == 0:
            os.close(told[0])
            os.close(start[1])
            _Inside(command, environment, prepare, confine, told[1], start[0]).make_namespaces(here)
        os.close(told[1])
        os.close(start[0])
        stack.callback(os.close, told[0])
        stack.callback(os.close, start[1])
        return _Waiting(outer, told[0], start[1], tty, fetched).wait()


@contextmanager
def _signals_waiting() -> Iterator[frozenset[int]]:
    """The signals that wait until they are fetched: all that matter, except those that nohup(1)
    ignores. Children inherit that."""
    passed_on = (n for n in _PASSED_ON if signal.getsignal(n) is not signal.SIG_IGN)
    fetched = frozenset((*passed_on, signal.SIGCHLD, signal.SIGCONT))
    before = signal.pthread_sigmask(signal.SIG_BLOCK, fetched)
    try:
        yield fetched
    finally:
        # What came after the end of the program ends nothing any more.
        while signal.sigtimedwait(fetched, 0) is not None:
            pass
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


class _Waiting:
    """drdwrap, while the program runs.

    `told` is the end of a pipe from which come, a line each: the PID of the first process, the word
    `ready` when the program is about to be started, and the report. The program starts when
    something is written to `start`.
    """

    def __init__(
        self, outer: int, told: int, start: int, tty: Terminal, fetched: frozenset[int]
    ) -> None:
        self._outer = outer
        self._told = told
        self._start = start
        self._tty = tty
        self._fetched = fetched
        self._foreground = tty.is_ours()
        self._first = self._group = 0
        self._signum = 0
        self._until = float("inf")

    def wait(self) -> Ended:
        line = self._line()
        if line.isdigit():
            self._first = int(line)
            line = self._line()
        if line == b"ready":
            self._begin()
            line = b""
        while not os.waitpid(self._outer, os.WNOHANG)[0]:
            self._fetch_signal()
            if time.monotonic() > self._until:
                with suppress(ProcessLookupError):
                    os.kill(self._first, signal.SIGKILL)
        line = line or self._line()
        report = Report.from_json(line) if line else Report(-signal.SIGKILL)
        if report.error:
            raise DrdwrapError(report.error, report.hint)
        return Ended(report.status, report.left, self._signum)

    def _line(self) -> bytes:
        line = b""
        while (piece := os.read(self._told, 1)) not in (b"\n", b""):
            line += piece
        return line

    def _begin(self) -> None:
        """Let the program start, in the foreground if drdwrap is."""
        with open(f"/proc/{self._first}/task/{self._first}/children") as file:
            self._group = int(file.read().split()[0])
        if self._foreground:
            self._tty.give(self._group)
        os.write(self._start, b".")

    def _fetch_signal(self) -> None:
        """Wait a second for a signal, and pass it on to the program's process group."""
        found = signal.sigtimedwait(self._fetched, 1)
        if found is None or found.si_signo == signal.SIGCHLD:
            return
        if found.si_signo == signal.SIGCONT:
            if self._foreground and self._tty.is_ours():
                self._tty.give(self._group)
        else:
            self._signum = self._signum or found.si_signo
            self._until = min(self._until, time.monotonic() + _PATIENCE)
        if self._group:
            with suppress(ProcessLookupError):
                os.killpg(self._group, found.si_signo)


@dataclass(frozen=True)
class _Inside:
    """What the processes below drdwrap need: what to run, and their ends of the pipes."""

    command: Sequence[bytes]
    environment: Mapping[bytes, bytes]
    prepare: Callable[[], None]
    confine: Callable[[], None]
    tell: int
    start: int

    def make_namespaces(self, parent: int) -> NoReturn:
        """The process between drdwrap and the first process. It waits for that one's end."""
        try:
            syscalls.die_with_parent()
            if os.getppid() != parent:
                os._exit(1)
            syscalls.unshare(_NAMESPACES)
            alive, go = os.pipe(), os.pipe()
            first = os.fork()
            if first == 0:
                os.close(alive[0])
                os.close(go[1])
                self._be_first(alive[1], go[0])
            os.close(alive[1])
            if os.read(alive[0], 1):
                os.write(self.tell, b"%d\n" % first)
                os.write(go[1], b".")
            os.waitpid(first, 0)
        except OSError as error:
            os.write(self.tell, first_process.failed(error).to_json())
        finally:
            os._exit(0)

    def _be_first(self, alive: int, go: int) -> NoReturn:
        """The first process. It says when it is bound to die with its parent, and goes on only if
        that one still answers."""
        try:
            for number in _PASSED_ON:
                if signal.getsignal(number) is not signal.SIG_IGN:
                    signal.signal(number, signal.SIG_DFL)
            syscalls.die_with_parent()
            os.write(alive, b".")
            if os.read(go, 1):
                os.write(self.tell, self._run().to_json())
        except (DrdwrapError, OSError) as error:
            os.write(self.tell, first_process.failed(error).to_json())
        except BaseException as error:  # nobody else could tell it
            text = f"unexpected {type(error).__name__}: {error}"
            os.write(self.tell, Report(error=text).to_json())
        finally:
            os._exit(0)

    def _run(self) -> Report:
        self.prepare()
        self.confine()
        child = os.fork()
        if child == 0:
            first_process.execute(self.command, self.environment, self.tell, self.start)
        return first_process.outlast(child)
