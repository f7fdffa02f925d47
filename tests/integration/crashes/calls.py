"""The system calls that change a file system, by their numbers on x86-64, and what they name."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass

_AT_FDCWD = 0xFFFFFF9C
OPENING = {2: 1, 257: 2}
"""open and openat, with the argument that has their flags: most only read."""

_PATH, _AT, _FD, _NOTHING = "path", "directory and path", "descriptor", "nothing"
_CALLS: dict[int, tuple[str, str, int]] = {
    1: ("write", _FD, 0),
    2: ("open", _PATH, 0),
    18: ("pwrite64", _FD, 0),
    20: ("writev", _FD, 0),
    40: ("sendfile", _FD, 0),
    74: ("fsync", _FD, 0),
    75: ("fdatasync", _FD, 0),
    76: ("truncate", _PATH, 0),
    77: ("ftruncate", _FD, 0),
    82: ("rename", _PATH, 1),
    83: ("mkdir", _PATH, 0),
    84: ("rmdir", _PATH, 0),
    85: ("creat", _PATH, 0),
    86: ("link", _PATH, 1),
    87: ("unlink", _PATH, 0),
    88: ("symlink", _PATH, 1),
    90: ("chmod", _PATH, 0),
    91: ("fchmod", _FD, 0),
    92: ("chown", _PATH, 0),
    93: ("fchown", _FD, 0),
    94: ("lchown", _PATH, 0),
    132: ("utime", _PATH, 0),
    133: ("mknod", _PATH, 0),
    162: ("sync", _NOTHING, 0),
    188: ("setxattr", _PATH, 0),
    189: ("lsetxattr", _PATH, 0),
    190: ("fsetxattr", _FD, 0),
    197: ("removexattr", _PATH, 0),
    198: ("lremovexattr", _PATH, 0),
    199: ("fremovexattr", _FD, 0),
    235: ("utimes", _PATH, 0),
    257: ("openat", _AT, 0),
    258: ("mkdirat", _AT, 0),
    259: ("mknodat", _AT, 0),
    260: ("fchownat", _AT, 0),
    261: ("futimesat", _AT, 0),
    263: ("unlinkat", _AT, 0),
    264: ("renameat", _AT, 2),
    265: ("linkat", _AT, 2),
    266: ("symlinkat", _AT, 1),
    268: ("fchmodat", _AT, 0),
    280: ("utimensat", _AT, 0),
    285: ("fallocate", _FD, 0),
    296: ("pwritev", _FD, 0),
    306: ("syncfs", _FD, 0),
    316: ("renameat2", _AT, 2),
    326: ("copy_file_range", _FD, 2),
    328: ("pwritev2", _FD, 0),
    437: ("openat2", _AT, 0),
    452: ("fchmodat2", _AT, 0),
}
NUMBERS = tuple(_CALLS)


def unknown_here() -> str:
    """Why calls cannot be told apart on this machine, or the empty string."""
    machine = platform.machine()
    return "" if machine == "x86_64" else f"the numbers of system calls on {machine} are not known"


@dataclass(frozen=True)
class Call:
    """One call, of the process `pid`, stopped before it. `path` is as the process wrote it."""

    name: str
    path: str
    device: int

    def __str__(self) -> str:
        return f"{self.name} {_shortened(self.path)}"


def call_of(pid: int, number: int, arguments: Sequence[int]) -> Call | None:
    """The call with what it names; None if that cannot be looked at (the call will fail)."""
    name, kind, first = _CALLS[number]
    if kind == _NOTHING:
        return Call(name, "", 0)
    try:
        if kind == _FD:
            return _on_descriptor(pid, name, arguments[first])
        if kind == _PATH:
            return _on_path(pid, name, f"/proc/{pid}/cwd", arguments[first])
        directory, text = arguments[first] & 0xFFFFFFFF, arguments[first + 1]
        if not text:  # utimensat(2) of a descriptor
            return _on_descriptor(pid, name, directory)
        start = "cwd" if directory == _AT_FDCWD else f"fd/{directory}"
        return _on_path(pid, name, f"/proc/{pid}/{start}", text)
    except OSError:
        return None


def _on_descriptor(pid: int, name: str, descriptor: int) -> Call:
    link = f"/proc/{pid}/fd/{descriptor & 0xFFFFFFFF}"
    return Call(name, os.readlink(link), os.stat(link).st_dev)


def _on_path(pid: int, name: str, start: str, address: int) -> Call:
    text = _text(pid, address)
    if text.startswith("/proc/self/"):
        text = text.replace("/proc/self/", f"/proc/{pid}/")
        return Call(name, os.readlink(text), os.stat(text).st_dev)
    whole = f"/proc/{pid}/root{text}" if text.startswith("/") else f"{start}/{text}"
    told = text if text.startswith("/") else f"{os.readlink(start)}/{text}"
    above = os.path.dirname(whole.rstrip("/"))
    try:  # a directory may be on another file system than its parent
        device = os.lstat(whole).st_dev
    except OSError:
        device = os.stat(above).st_dev
    return Call(name, told, device)


def _text(pid: int, address: int) -> str:
    memory = os.open(f"/proc/{pid}/mem", os.O_RDONLY | os.O_CLOEXEC)
    try:
        found = os.pread(memory, 4096 - address % 4096, address)
        if b"\0" not in found:
            found += os.pread(memory, 4096, address + len(found))
    finally:
        os.close(memory)
    return os.fsdecode(found.partition(b"\0")[0])


def _shortened(path: str) -> str:
    """Without what is the same for all: where the trees and the state directory are mounted."""
    for mark in ("/trees/clone/", "/on-clone/", "/on-state/"):
        _, found, rest = path.partition(mark)
        if found:
            return f"{'state' if 'state' in mark else 'clone'}:{rest}"
    return path
