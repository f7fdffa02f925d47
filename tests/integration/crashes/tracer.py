"""A run of drdwrap whose calls are counted, and one of them disturbed: ptrace(2), seccomp(2).

A filter in the traced processes lets the kernel stop them before the calls of `calls` alone, so
that all others cost nothing.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import signal
import struct
import subprocess
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from drdwrap.rsync import stalls

from ..lab.program import Program
from . import calls
from .calls import Call

_libc = ctypes.CDLL(None, use_errno=True)
_libc.ptrace.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_void_p]
_libc.ptrace.restype = ctypes.c_long

_TRACEME, _CONT, _GETREGS, _SETREGS, _SYSCALL, _SETOPTIONS = 0, 7, 12, 13, 24, 0x4200
_EVENT_FORK, _EVENT_EXEC, _EVENT_SECCOMP = 1, 4, 7
_OPTIONS = 0x1 | 0x2 | 0x4 | 0x8 | 0x10 | 0x80 | 0x100000
"""Mark stops at calls; follow fork, vfork, clone, exec; stop at the filter; die with the tracer."""
_ALL_THREADS = 0x40000000
_REGISTERS = 27
_RAX, _ARGUMENTS, _NUMBER = 10, (14, 13, 12, 7, 9, 8), 15

_PATIENCE = 15
"""Seconds, instead of minutes, after which drdwrap ends an rsync that does nothing: after some of
the errors rsync waits for itself without end."""

KILL, KILL_AFTER = "kill", "kill after"
ERRORS = {"enospc": errno.ENOSPC, "eio": errno.EIO, "erofs": errno.EROFS}


@dataclass
class Disturbed:
    """What happens to the call with this number (from 1), among those on `devices`."""

    devices: Collection[int]
    number: int = 0
    how: str = KILL
    seen: int = 0
    call: Call | None = None
    """The call that was disturbed."""

    def meets(self, call: Call | None) -> bool:
        """Count a call; whether it is the one."""
        if call is None or not (call.device in self.devices or call.name == "sync"):
            return False
        self.seen += 1
        if self.seen == self.number:
            self.call = call
        return self.seen == self.number


class TracedProgram(Program):
    """A run of drdwrap, forked, under `disturbed`. Call `wait` at once."""

    def __init__(
        self, arguments: Sequence[str], env: Mapping[str, str], disturbed: Disturbed
    ) -> None:
        super().__init__(arguments, env, fresh=False, prepare=_be_traced)
        self._disturbed = disturbed

    def wait(self, timeout: float = 60.0) -> subprocess.CompletedProcess[bytes]:
        """Its end, and that of everything it has started. (The timeout is not used.)"""
        os.waitpid(self.pid, 0)
        _ptrace(_SETOPTIONS, self.pid, _OPTIONS)
        try:
            status = _Loop(self.pid, self._disturbed).run()
        except BaseException:
            self.kill_all()
            raise
        self._ended = self._end(status)
        return self._ended


class _Loop:
    """Follows the process `first` and all that it starts to their ends."""

    def __init__(self, first: int, disturbed: Disturbed) -> None:
        self._first = first
        self._disturbed = disturbed
        self._known = {first}
        self._leaving: set[int] = set()
        self._killing = False
        self._status = 0

    def run(self) -> int:
        """The exit status of the first, negative for a signal."""
        _resume(self._first)
        while self._known:
            try:
                pid, status = os.waitpid(-1, _ALL_THREADS)
            except ChildProcessError:
                break
            if not os.WIFSTOPPED(status):
                self._known.discard(pid)
                if pid == self._first:
                    self._status = os.waitstatus_to_exitcode(status)
            else:
                self._stopped(pid, status)
        return self._status

    def _stopped(self, pid: int, status: int) -> None:
        is_new, number, event = pid not in self._known, os.WSTOPSIG(status), status >> 16
        self._known.add(pid)
        if self._killing:
            _kill(pid)
        elif event == _EVENT_SECCOMP:
            self._before_call(pid)
        elif number == signal.SIGTRAP | 0x80:
            self._kill_all()
        elif event or (is_new and number == signal.SIGSTOP):
            _resume(pid)
        else:
            _resume(pid, number)

    def _before_call(self, pid: int) -> None:
        registers = (ctypes.c_ulonglong * _REGISTERS)()
        _ptrace(_GETREGS, pid, 0, ctypes.addressof(registers))
        arguments = [registers[one] for one in _ARGUMENTS]
        if not self._disturbed.meets(calls.call_of(pid, registers[_NUMBER], arguments)):
            _resume(pid)
        elif self._disturbed.how == KILL:
            self._kill_all()
        elif self._disturbed.how == KILL_AFTER:
            _ptrace(_SYSCALL, pid)
        else:
            registers[_NUMBER] = (1 << 64) - 1  # no call
            registers[_RAX] = (1 << 64) - ERRORS[self._disturbed.how]
            _ptrace(_SETREGS, pid, 0, ctypes.addressof(registers))
            _resume(pid)

    def _kill_all(self) -> None:
        self._killing = True
        for pid in self._known:
            _kill(pid)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _resume(pid: int, number: int = 0) -> None:
    with contextlib.suppress(ProcessLookupError):  # killed meanwhile
        _ptrace(_CONT, pid, 0, number)


def _ptrace(request: int, pid: int, options: int = 0, data: int = 0) -> None:
    if request == _SETOPTIONS:
        options, data = 0, options
    if _libc.ptrace(request, pid, options, data) == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "ptrace")


def _be_traced() -> None:
    """In the child: stop until the tracer is ready, and let the filter stop it from then on."""
    stalls.NOTHING = _PATIENCE
    _ptrace(_TRACEME, 0)
    os.kill(os.getpid(), signal.SIGSTOP)
    program = _filter()
    buffer = ctypes.create_string_buffer(program, len(program))
    head = struct.pack("HxxxxxxQ", len(program) // 8, ctypes.addressof(buffer))
    if _libc.prctl(22, 2, head, 0, 0):  # PR_SET_SECCOMP, SECCOMP_MODE_FILTER
        raise OSError(ctypes.get_errno(), "seccomp")


def _filter() -> bytes:
    """In the kernel's own small language: trace what `calls` has, allow the rest."""
    load, equal, any_of, leave = 0x20, 0x15, 0x45, 0x06
    allow, trace = 0x7FFF0000, 0x7FF00000
    writing = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC
    steps = [(load, 0, 0, 4), (equal, 1, 0, 0xC000003E), (leave, 0, 0, allow), (load, 0, 0, 0)]
    for number in calls.NUMBERS:
        if number in calls.OPENING:
            steps += [(equal, 0, 4, number), (load, 0, 0, 16 + 8 * calls.OPENING[number])]
            steps += [(any_of, 0, 1, writing), (leave, 0, 0, trace), (leave, 0, 0, allow)]
        else:
            steps += [(equal, 0, 1, number), (leave, 0, 0, trace)]
    steps.append((leave, 0, 0, allow))
    return b"".join(struct.pack("HBBI", *step) for step in steps)
