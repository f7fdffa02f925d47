"""Give up capabilities, permanently and for all children: capabilities(7)."""

import ctypes
import errno
import os
import struct
from collections.abc import Collection

from drdwrap.linux import syscalls

CHOWN, DAC_OVERRIDE, FOWNER, FSETID, KILL, SETGID, SETUID, SETPCAP = 0, 1, 3, 4, 5, 6, 7, 8
LINUX_IMMUTABLE, NET_BIND_SERVICE, NET_RAW, IPC_LOCK, IPC_OWNER = 9, 10, 13, 14, 15
SYS_CHROOT, SYS_ADMIN, SYS_NICE, SYS_RESOURCE = 18, 21, 23, 24
MKNOD, LEASE, AUDIT_WRITE, SETFCAP = 27, 28, 29, 31

_PR_CAPBSET_READ, _PR_CAPBSET_DROP = 23, 24
_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
_VERSION = 0x20080522


def keep_only(kept: Collection[int]) -> None:
    """Give up every capability except these. No program that is started later gets another one.
    OSError without CAP_SETPCAP."""
    for number in range(64):
        try:
            there = syscalls.prctl(_PR_CAPBSET_READ, number)
        except OSError as error:
            if error.errno == errno.EINVAL:  # after the last one that the kernel knows
                break
            raise
        if there and number not in kept:
            syscalls.prctl(_PR_CAPBSET_DROP, number)
    syscalls.prctl(_PR_CAP_AMBIENT, _PR_CAP_AMBIENT_CLEAR_ALL)
    libc = ctypes.CDLL(None, use_errno=True)
    head = struct.pack("Ii", _VERSION, 0)
    # Two times effective, permitted and inheritable; the second time for those from 32 on.
    data = ctypes.create_string_buffer(24)
    _check(libc.capget(head, data), "capget")
    _, low, _, _, high, _ = struct.unpack("6I", data.raw)
    mask = (low | high << 32) & sum(1 << number for number in kept)
    halves = (mask & 0xFFFFFFFF, mask >> 32)
    given = b"".join(struct.pack("3I", half, half, 0) for half in halves)
    _check(libc.capset(head, given), "capset")


def _check(result: int, what: str) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), what)
