"""A machine run by plain QEMU, reachable through a port of its own on the loopback interface.

Its disks are overlays: the box and a saved state are never written to.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from vagrant.box.package import Box

from . import firmware
from . import machine as machines
from .machine import DISKS, SECOND, SYSTEM
from .processes import LabError, run, start
from .qmp import Qmp

SECOND_DISK = "7G"
BOOT_PATIENCE = 300.0
"""Seconds to wait for ssh: software emulation takes 45 on a quiet machine, 200 on a busy one."""


@dataclass(frozen=True)
class State:
    """A machine that was stopped in the middle of its life: its disks and its memory."""

    directory: Path

    @property
    def memory(self) -> Path:
        return self.directory / "memory"

    @property
    def variables(self) -> Path:
        """The firmware's, under UEFI."""
        return self.directory / "variables.fd"

    def disk(self, name: str) -> Path:
        return self.directory / f"{name}.qcow2"


class QemuMachine:
    """A `Machine` (see there). Not started yet; from `state`, if given, it goes on from there."""

    def __init__(
        self, name: str, box: Box, directory: Path, accelerator: str, state: State | None = None
    ) -> None:
        self.name = name
        self.directory = directory
        self.console = directory / "console.log"
        self._box = box
        self._accelerator = accelerator
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None
        self._firmware_chooses = False
        directory.mkdir()
        if state is not None:
            for disk in DISKS:
                self._overlay(disk, state.disk(disk))
        else:
            self._overlay(SYSTEM, box.image)
            self._empty(SECOND, SECOND_DISK)
        if self._uefi:
            shutil.copyfile(state.variables if state else firmware.VARIABLES, self._variables)

    def _overlay(self, name: str, backing: Path) -> None:
        create = ("qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", backing)
        run(*create, self._disk(name))

    def _empty(self, name: str, size: str) -> None:
        run("qemu-img", "create", "-q", "-f", "qcow2", self._disk(name), size)

    def _disk(self, name: str) -> Path:
        return self.directory / f"{name}.qcow2"

    @property
    def _uefi(self) -> bool:
        return self._box.recipe.firmware == "uefi"

    @property
    def _variables(self) -> Path:
        return self.directory / "variables.fd"

    def add_disk(self, name: str, size: str) -> None:
        self._empty(name, size)
        image = {"driver": "file", "filename": str(self._disk(name))}
        with closing(Qmp(self._socket)) as qmp:
            qmp.ask(
                "blockdev-add",
                **{"driver": "qcow2", "node-name": name, "file": image},
                cache={"no-flush": True},
            )
            qmp.ask("device_add", driver="virtio-blk-pci", id=name, drive=name, serial=name)
        machines.wait_for_disk(self, name)

    def choose_by_firmware(self) -> None:
        """From the next start on, the firmware's own variables say which disk is booted (UEFI), and
        not the order of the disks at `start`."""
        self._firmware_chooses = True

    def start(self, disks: tuple[str, ...] = DISKS) -> None:
        if self._running():
            raise LabError(f"{self.name} runs already")
        arguments = self._arguments(disks)
        # Memory goes with the disks it was saved with; the next start boots.
        restoring, self._state = self._state if disks == DISKS else None, None
        if restoring is not None:
            arguments += ["-incoming", f"exec:cat '{restoring.memory}'"]
        self._socket.unlink(missing_ok=True)
        with (self.directory / "qemu.log").open("ab") as log:
            self._process = start(arguments, log)
        try:
            with closing(Qmp(self._socket)) as qmp:
                if restoring is not None:
                    _go_on(qmp)
                network = qmp.ask("human-monitor-command", **{"command-line": "info usernet"})
        except LabError as error:
            said = (self.directory / "qemu.log").read_text(errors="replace").strip()
            raise LabError(f"{error}\n{said}") from error
        found = re.search(r"TCP\[HOST_FORWARD\]\s+\d+\s+\S+\s+(\d+)", network)
        if found is None:
            raise LabError(f"QEMU forwards no port:\n{network}")
        machines.write_ssh_config(self, "127.0.0.1", int(found.group(1)), self._box.key)
        machines.wait_for_ssh(self, self._running, BOOT_PATIENCE)

    def _arguments(self, disks: tuple[str, ...]) -> list[str | Path]:
        # Two machines at a time keep two cores busy: emulated, a second processor of each waits for
        # the first one's locks while that waits for a core, and all takes 1.4 times as long.
        processors = "1" if self._accelerator == "tcg" else "2"
        arguments: list[str | Path] = [
            "qemu-system-x86_64", "-accel", self._accelerator, "-cpu", "max,-erms,-fsrm",
            "-smp", processors, "-m", "1024", "-nodefaults", "-display", "none",
            "-rtc", "clock=host", "-device", "virtio-rng-pci",
            "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:0-:22",
            "-device", "virtio-net-pci,netdev=net",
            "-chardev", f"file,id=console,path={self.console},append=on",
            "-serial", "chardev:console",
            "-qmp", f"unix:{self._socket},server=on,wait=off",
        ]  # fmt: skip
        if self._uefi:
            arguments += firmware.arguments(self._variables)
        for order, name in enumerate(disks):
            # Writes that the machine has made are in the host's hands: cutting its power loses
            # what is in its memory, and no more.
            drive = f"id={name},file={self._disk(name)},format=qcow2,if=none,cache=unsafe"
            device = f"virtio-blk-pci,drive={name},serial={name}"
            device += "" if self._firmware_chooses else f",bootindex={order}"
            arguments += ["-drive", drive, "-device", device]
        return arguments

    @property
    def _socket(self) -> Path:
        return self.directory / "qmp"

    def _running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def end_at_reboot(self) -> None:
        """From now on a reboot ends the machine, as it is then to be started."""
        with closing(Qmp(self._socket)) as qmp:
            qmp.ask("set-action", reboot="shutdown")

    def power_off(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def wait_until_off(self, patience: float = 180) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(patience)
        except subprocess.TimeoutExpired as error:
            end = machines.console_end(self)
            raise LabError(f"{self.name} still runs after {patience:.0f} s\n{end}") from error
        self._process = None

    def save(self, directory: Path) -> State:
        """Stop the machine permanently, and keep it as it is at this moment in `directory`.

        It has the disks that every machine has, and no more.
        """
        directory.mkdir()
        state = State(directory)
        with closing(Qmp(self._socket)) as qmp:
            qmp.ask("stop")
            qmp.ask("migrate", uri=f"exec:cat > '{state.memory}'")
            until = time.monotonic() + 120
            while (status := qmp.ask("query-migrate")["status"]) not in ("completed", "failed"):
                if time.monotonic() > until:
                    break
                time.sleep(0.1)
        self.power_off()
        if status != "completed":
            raise LabError(f"{self.name} could not be saved: {status}")
        for name in DISKS:
            self._disk(name).rename(state.disk(name))
        if self._uefi:
            self._variables.rename(state.variables)
        return state

    def close(self) -> None:
        self.power_off()
        shutil.rmtree(self.directory, ignore_errors=True)


def _go_on(qmp: Qmp, patience: float = 60) -> None:
    """Once its memory is back, a saved machine waits to be told to go on."""
    until = time.monotonic() + patience
    while (status := qmp.ask("query-status")["status"]) == "inmigrate":
        if time.monotonic() > until:
            raise LabError("the saved machine could not be brought back")
        time.sleep(0.1)
    if status == "paused":
        qmp.ask("cont")


__all__ = ["SECOND", "SYSTEM", "QemuMachine", "State"]
