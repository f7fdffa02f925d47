"""The filter of system calls, run here as the kernel would run it."""

from __future__ import annotations

import errno
import struct

import pytest

from drdwrap.errors import RefusedError
from drdwrap.linux import seccomp

X86_64, AARCH64, I386 = 0xC000003E, 0xC00000B7, 0x40000003
ALLOWED = 0x7FFF0000
IOCTL = {"x86_64": 16, "aarch64": 29}


def verdict(machine: str, number: int, argument: int = 0, architecture: int | None = None) -> int:
    """What the filter returns for this system call; `argument` is the second one."""
    code = seccomp.program(machine)
    if architecture is None:
        architecture = X86_64 if machine == "x86_64" else AARCH64
    data = struct.pack("iIQ6Q", number, architecture, 0, 0, argument, 0, 0, 0, 0)
    value, at = 0, 0
    while True:
        kind, then, otherwise, operand = struct.unpack_from("HBBI", code, 8 * at)
        at += 1
        if kind == 0x06:
            return int(operand)
        if kind == 0x20:
            (value,) = struct.unpack_from("I", data, operand)
        elif kind == 0x54:
            value &= operand
        else:
            holds = value == operand if kind == 0x15 else value >= operand
            assert kind in (0x15, 0x35)
            at += then if holds else otherwise


def refused(code: int = errno.EPERM) -> int:
    return 0x00050000 | code


@pytest.mark.parametrize(
    ("machine", "numbers"),
    [("x86_64", (165, 166, 155, 250, 321, 429)), ("aarch64", (40, 39, 41, 219, 280, 429))],
)
def test_mounts_keys_and_bpf_are_refused(machine: str, numbers: tuple[int, ...]) -> None:
    assert {verdict(machine, number) for number in numbers} == {refused()}
    write, openat = (1, 257) if machine == "x86_64" else (64, 56)
    assert verdict(machine, write) == verdict(machine, openat) == ALLOWED


@pytest.mark.parametrize("machine", IOCTL)
def test_the_device_mapper_may_be_asked_and_not_changed(machine: str) -> None:
    def asked(number: int, size: int = 0x138) -> int:
        return verdict(machine, IOCTL[machine], 3 << 30 | size << 16 | 0xFD00 | number)

    version, devices, status, dependencies, table = 0, 2, 7, 11, 12
    for number in (version, devices, status, dependencies, table):
        assert asked(number) == ALLOWED
    remove, suspend, load = 4, 6, 9
    for number in (remove, suspend, load):
        # The kernel does not look at the size that a request bears.
        assert asked(number) == asked(number, size=0) == refused()


@pytest.mark.parametrize("machine", IOCTL)
def test_nobody_types_for_the_administrator(machine: str) -> None:
    typing, size_of_window, freezing = 0x5412, 0x5413, 0xC0045877
    assert verdict(machine, IOCTL[machine], typing) == refused()
    assert verdict(machine, IOCTL[machine], typing | 1 << 32) == refused()
    assert verdict(machine, IOCTL[machine], freezing) == refused()
    assert verdict(machine, IOCTL[machine], size_of_window) == ALLOWED


def test_the_other_tables_of_system_calls_are_no_way_round() -> None:
    assert verdict("x86_64", 21, architecture=I386) == refused(errno.ENOSYS)  # its mount(2)
    assert verdict("x86_64", 0x40000000 | 165) == refused(errno.ENOSYS)
    assert verdict("x86_64", 1, architecture=I386) == refused(errno.ENOSYS)


def test_a_machine_whose_system_calls_are_not_known_is_refused() -> None:
    with pytest.raises(RefusedError, match="cannot confine programs on riscv64 machines"):
        seccomp.program("riscv64")
