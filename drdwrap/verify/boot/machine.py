"""The throw-away machine: QEMU with a copy-on-write layer over the disk, which is only read."""

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError
from drdwrap.linux import process, run_note, safe_file
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of
from drdwrap.verify.boot import console
from drdwrap.verify.boot.console import Boot
from drdwrap.verify.boot.place_on_disk import Piece

_PROGRAM = "qemu-system-"
_FIRMWARE = (
    ("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
    ("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"),
    ("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
)
"""OVMF: code and variables, as Debian and Fedora have them."""

_BUSES = {
    "vd": ("virtio-blk-pci,drive=disk",),
    "sd": ("ahci,id=ahci", "ide-hd,drive=disk,bus=ahci.0"),
    "nvme": ("nvme,drive=disk,serial=disk",),
}
"""The devices for a disk, by the beginning of the real one's name: its driver is in the initramfs,
even in one that has only the drivers of this machine."""

_MEMORY = 1024
_EVERY = 0.5
_SETTLING = 5
"""Seconds after it is up, for what is said last."""


@dataclass(frozen=True)
class Disk:
    """What is started: the disk's path, its name in the kernel (`vdb`), whether by UEFI, and what
    is different in the machine's copy of it: the pieces of a file and its contents there."""

    path: bytes
    name: str
    uefi: bool
    pieces: Sequence[Piece]
    content: bytes


def start(disk: Disk, directory: bytes, deadline: float) -> Boot:
    """Start the disk, and wait for a verdict, at most `deadline` seconds. The machine's files are
    in `directory`, where `console` stays. DrdwrapError, OSError."""
    with _layer(disk, directory) as layer:
        log = os.path.join(directory, b"console")
        with suppress(FileNotFoundError):
            os.unlink(log)
        arguments = [*_arguments(disk, directory), *_disk(disk, layer), "-serial", b"file:" + log]
        running = process.start(
            _PROGRAM + os.uname().machine, arguments, hold_lock=True, dies_with_us=True
        )
        try:
            return _watched(running, log, deadline)
        finally:
            running.stop()


def _watched(running: process.Running, log: bytes, deadline: float) -> Boot:
    until = time.monotonic() + deadline
    while True:
        text = console.plain(_read(log))
        boot = console.judged(text)
        if boot is not None and boot.verdict == "up":
            time.sleep(_SETTLING)
            return console.judged(console.plain(_read(log))) or boot
        if boot is not None:
            return boot
        if not running.is_running():
            said = running.finished().stderr.decode("utf-8", "replace").strip()
            if said:
                raise DrdwrapError(f"QEMU ended: {for_screen(os.fsencode(lines_of(said)[-1]))}")
            return Boot("broken", "it started again instead of coming up")
        if time.monotonic() > until:
            return console.timed_out(text, deadline)
        run_note.note("starting the clone in a virtual machine", f"{len(text):,} characters said")
        time.sleep(_EVERY)


@contextmanager
def _layer(disk: Disk, directory: bytes) -> Iterator[bytes]:
    """The copy-on-write layer, with what is different written to it."""
    layer = os.path.join(directory, b"layer.qcow2")
    patch = os.path.join(directory, b"patch")
    try:
        process.run(
            "qemu-img",
            ["create", "-q", "-f", "qcow2", "-F", "raw", "-b", disk.path, layer],
        )
        for logical, physical, length in disk.pieces:
            with open(patch, "wb") as file:
                file.write(disk.content[logical : logical + length])
            words = b"write -q -s %b %d %d" % (patch, physical, length)
            process.run("qemu-io", ["-f", "qcow2", "-c", words, layer])
        yield layer
    finally:
        for path in (layer, patch):
            with suppress(FileNotFoundError):
                os.unlink(path)


def _arguments(disk: Disk, directory: bytes) -> list[bytes | str]:
    kvm = _kvm_is_trusted()
    found: list[bytes | str] = ["-accel", "kvm" if kvm else "tcg", "-cpu", "host" if kvm else "max"]
    found += ["-m", str(_MEMORY), "-smp", "2", "-nodefaults", "-display", "none", "-no-reboot"]
    found += ["-device", "VGA", "-device", "virtio-rng-pci", "-nic", "none"]
    if disk.uefi:
        code, variables = _firmware()
        own = os.path.join(directory, b"variables")
        with open(variables, "rb") as file, open(own, "wb") as copy:
            copy.write(file.read())
        found += ["-machine", "q35"]
        found += ["-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={code}"]
        found += ["-drive", b"if=pflash,unit=1,format=raw,file=" + own]
    return found


def _disk(disk: Disk, layer: bytes) -> Iterator[bytes | str]:
    bus = next((devices for name, devices in _BUSES.items() if disk.name.startswith(name)), None)
    yield from ("-drive", b"if=none,id=disk,format=qcow2,cache=unsafe,file=" + layer)
    for device in bus or _BUSES["vd"]:
        yield from ("-device", device)


def _firmware() -> tuple[str, str]:
    for pair in _FIRMWARE:
        if all(map(os.path.exists, pair)):
            return pair
    raise DrdwrapError("there is no UEFI firmware for QEMU", "install the package ovmf")


def _kvm_is_trusted() -> bool:
    """In a virtual machine KVM may be there and hang: it is used on real hardware alone."""
    if not os.access("/dev/kvm", os.R_OK | os.W_OK):
        return False
    with open("/proc/cpuinfo") as file:
        return " hypervisor" not in file.read()


def _read(path: bytes) -> bytes:
    try:
        return safe_file.contents(path)
    except OSError:
        return b""
