"""Refuse system calls, permanently and for all children: seccomp(2).

A program that may ask the device mapper (GRUB and LVM do) has CAP_SYS_ADMIN, and with it far more
rights. This takes away those that reach beyond the files and devices that it sees.
"""

import ctypes
import errno
import os
import struct

from drdwrap.errors import RefusedError
from drdwrap.linux import syscalls

_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 22, 2
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000

# Of x86_64 and aarch64. Those from 424 on have the same number everywhere.
_NEWER = {
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "mount_setattr": 442,
    "quotactl_fd": 443,
}
_MACHINES = {
    "x86_64": (
        0xC000003E,
        16,
        {
            "mount": 165,
            "umount2": 166,
            "pivot_root": 155,
            "swapon": 167,
            "swapoff": 168,
            "quotactl": 179,
            "add_key": 248,
            "request_key": 249,
            "keyctl": 250,
            "perf_event_open": 298,
            "fanotify_init": 300,
            "open_by_handle_at": 304,
            "setns": 308,
            "bpf": 321,
        },
    ),
    "aarch64": (
        0xC00000B7,
        29,
        {
            "mount": 40,
            "umount2": 39,
            "pivot_root": 41,
            "swapon": 224,
            "swapoff": 225,
            "quotactl": 60,
            "add_key": 217,
            "request_key": 218,
            "keyctl": 219,
            "perf_event_open": 241,
            "fanotify_init": 262,
            "open_by_handle_at": 265,
            "setns": 268,
            "bpf": 280,
        },
    ),
}
"""Of each machine: the audit architecture, the number of ioctl(2), and what is refused."""

_DEVICE_MAPPER = 0xFD00
_DEVICE_MAPPER_CHANGES = (1, 3, 4, 5, 6, 9, 10, 14, 15, 17)
"""remove_all, create, remove, rename, suspend, load and clear a table, message, geometry, poll.
(What remains asks only.)"""

_IOCTLS = (
    0x5412,  # TIOCSTI: type on the terminal, as if the administrator did
    0x541C,  # TIOCLINUX: paste on a console
    0x5877,  # FIFREEZE, FITHAW and shutdown of a file system: the output may be a file of the
    0x5878,  # running system
    0x587D,
    *(_DEVICE_MAPPER | number for number in _DEVICE_MAPPER_CHANGES),
)
"""The low 16 bits of the requests that are refused: the kernel goes by type and number alone."""

_X32 = 0x40000000


def refuse_what_reaches_outside() -> None:
    """Refuse mounts, changes of devices, keys, BPF and the like with EPERM. Programs of another
    architecture (i386 on x86_64) no longer run. Needs CAP_SYS_ADMIN. OSError; RefusedError on
    another machine."""
    code = program(os.uname().machine)
    buffer = ctypes.create_string_buffer(code, len(code))
    head = struct.pack("HxxxxxxP", len(code) // 8, ctypes.addressof(buffer))
    syscalls.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(head))


def refuse_unknown(machine: str) -> None:
    """RefusedError if there is no list of system calls for this machine, as uname(2) has it."""
    if machine not in _MACHINES:
        raise RefusedError(
            f"drdwrap cannot confine programs on {machine} machines",
            "'drdwrap mount --for-patching' and a chroot do without",
        )


def program(machine: str) -> bytes:
    """The filter for this machine, as uname(2) has it: instructions of 8 bytes each."""
    refuse_unknown(machine)
    architecture, ioctl, refused = _MACHINES[machine]
    refusal = _returned(_ERRNO | errno.EPERM)
    steps = [_loaded(4), _if_equal(architecture, 1, 0), _returned(_ERRNO | errno.ENOSYS)]
    steps.append(_loaded(0))
    if machine == "x86_64":
        steps += [_if_at_least(_X32, 0, 1), _returned(_ERRNO | errno.ENOSYS)]
    for number in sorted([*refused.values(), *_NEWER.values()]):
        steps += [_if_equal(number, 0, 1), refusal]
    steps += [_if_equal(ioctl, 1, 0), _returned(_ALLOW), _loaded(24), _low_bits(0xFFFF)]
    for request in sorted(_IOCTLS):
        steps += [_if_equal(request, 0, 1), refusal]
    return b"".join([*steps, _returned(_ALLOW)])


def _instruction(code: int, then: int, otherwise: int, value: int) -> bytes:
    return struct.pack("HBBI", code, then, otherwise, value)


def _loaded(offset: int) -> bytes:
    return _instruction(0x20, 0, 0, offset)


def _low_bits(mask: int) -> bytes:
    return _instruction(0x54, 0, 0, mask)


def _if_equal(value: int, then: int, otherwise: int) -> bytes:
    return _instruction(0x15, then, otherwise, value)


def _if_at_least(value: int, then: int, otherwise: int) -> bytes:
    return _instruction(0x35, then, otherwise, value)


def _returned(value: int) -> bytes:
    return _instruction(0x06, 0, 0, value)
