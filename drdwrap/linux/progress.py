"""Whether a group of processes makes progress, which file one waits for in open(2), and which one
it reads without end (proc(5)).

Another user can make root wait in open(2): for ever with a FIFO in a file's place, for
`/proc/sys/fs/lease-break-time` seconds with a lease. And a file can get a hole that takes years to
read when the process has it open already.
"""

import os
import platform
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

from drdwrap.linux.holes import are_large
from drdwrap.linux.other_processes import pids

_OPENAT, _OPENAT2 = {"x86_64": (257, 437), "aarch64": (56, 437)}.get(platform.machine(), (-1, -1))
"""The numbers of openat(2) and openat2(2). The C library has no other open."""

_AT_FDCWD = -100
_LONGEST_PATH = 4096


@dataclass(frozen=True)
class Progress:
    """What a group of processes has done so far: bytes and calls, CPU time in ticks, for each PID.
    `stopped`: one of them is stopped (SIGSTOP)."""

    done: tuple[tuple[int, bytes, int], ...]
    stopped: bool


def progress_of(group: int) -> Progress:
    """What the processes of this process group have done so far."""
    done, stopped = [], False
    for pid, fields in _members(group):
        counted = b""
        with suppress(OSError):
            counted = _read(pid, "io")
        # proc_pid_stat(5): the state is field 3, utime and stime are 14 and 15
        done.append((pid, counted, int(fields[11]) + int(fields[12])))
        stopped = stopped or fields[0] in (b"T", b"t")
    return Progress(tuple(done), stopped)


def waits_to_open(group: int) -> bytes | None:
    """The file (absolute) that a process of the group is opening right now; None if none is."""
    for pid, _ in _members(group):
        with suppress(OSError, ValueError):
            if path := _opened_by(pid):
                return path
    return None


def reads_large_holes(group: int, root: bytes) -> bytes | None:
    """A file (absolute) below `root` with large holes that a process of the group has open; None if
    there is none."""
    for pid, _ in _members(group):
        directory = b"/proc/%d/fd" % pid
        with suppress(OSError):
            for name in os.listdir(directory):
                path = os.readlink(descriptor := os.path.join(directory, name))
                if path.startswith(root + b"/") and are_large(os.stat(descriptor)):
                    return path.removesuffix(b" (deleted)")
    return None


def _members(group: int) -> Iterator[tuple[int, list[bytes]]]:
    """The PIDs of a process group, with the fields of `stat` from the state on."""
    for pid in pids():
        with suppress(OSError):
            fields = _read(pid, "stat").rpartition(b") ")[2].split(b" ")
            if int(fields[2]) == group and fields[0] != b"Z":
                yield pid, fields


def _opened_by(pid: int) -> bytes | None:
    number, *arguments = _read(pid, "syscall").split()
    if int(number) not in (_OPENAT, _OPENAT2):
        return None
    directory, address = (int(argument, 16) for argument in arguments[:2])
    with open(f"/proc/{pid}/mem", "rb", buffering=0) as memory:
        memory.seek(address)
        path = memory.read(_LONGEST_PATH).partition(b"\0")[0]
    descriptor = _signed(directory)
    link = "cwd" if descriptor == _AT_FDCWD else f"fd/{descriptor}"
    return os.path.join(os.readlink(os.fsencode(f"/proc/{pid}/{link}")), path)


def _signed(register: int) -> int:
    """The int in the lower half of a register."""
    value = register & 0xFFFFFFFF
    return value - (1 << 32) if value >> 31 else value


def _read(pid: int, name: str) -> bytes:
    with open(f"/proc/{pid}/{name}", "rb") as file:
        return file.read()
