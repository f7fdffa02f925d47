"""The script of a trial with fake programs around it, and a real environment block."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

from drdwrap.boot.selection import environment_block, trial_files
from drdwrap.boot.selection.image import StatePlace
from drdwrap.boot.selection.image_state import TRYING, ImageState
from drdwrap.boot.selection.trial_files import Bounds

ID = "1234abcd"


class Trial:
    """A boot of drd00 that is a trial. Mounting, init, sleeping and NVRAM are fake."""

    def __init__(self, home: Path, shell: Sequence[str], health: Sequence[Sequence[str]] = ()):
        self.home = home
        self.shell = shell
        self.bin = home / "bin"
        self.run = home / "run/drdwrap"
        self.kernel = home / "proc"
        self.path = home / "trial"
        for directory in (self.bin, self.run / "trial-state", self.kernel / "sys/kernel"):
            directory.mkdir(parents=True)
        (home / "run/systemd/system").mkdir(parents=True)
        (self.kernel / "cmdline").write_text(f"root=/dev/x ro drdwrap.trial={ID} panic=30\n")
        self.panic = self.kernel / "sys/kernel/panic"
        self.panic.write_text("30\n")
        self.block = self.run / "trial-state/drdwrap.env"
        self.state = ImageState(TRYING, 7, ID, activated="2026-11-29 20:00:00", former="vg00")
        for name in (
            "mount",
            "umount",
            "systemctl",
            "kexec",
            "logger",
            "shutdown",
            "reboot",
            "journalctl",
        ):
            self.fake(name, "")
        self.fake("sleep", "")
        self.fake("timeout", 'shift; exec "$@"')
        commands = tuple(tuple(os.fsencode(word) for word in command) for command in health)
        content = trial_files.script(
            StatePlace("1111-2222", "ext4", b"/drdwrap.env"),
            "drd00",
            "vg00",
            Bounds(900, commands),
            str(home / "activation"),
            [str(self.fake("drdwrap", "echo told"))],
            run=str(self.run),
            kernel=str(self.kernel),
            path=f"{self.bin}:/usr/sbin:/usr/bin:/sbin:/bin",
            script_path=str(self.path),
        )
        self.path.write_bytes(content)

    @property
    def state(self) -> ImageState:
        """What the block says."""
        return ImageState.of(environment_block.read(bytes(self.block)))

    @state.setter
    def state(self, state: ImageState) -> None:
        environment_block.write(bytes(self.block), state.values())

    def fake(self, name: str, body: str) -> Path:
        """Make a program of that name, found before any other, that notes its calls."""
        path = self.bin / name
        path.write_text(f'#!/bin/sh\necho {name} "$@" >> {self.home}/called\n{body}\n')
        path.chmod(0o755)
        return path

    def __call__(self, word: str, ok: int = 0) -> str:
        """Run the script and return its output. It must end with the status `ok`."""
        done = subprocess.run(
            [*self.shell, self.path, word],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=20,
            check=False,
        )
        assert done.returncode == ok, done.stdout
        return done.stdout

    @property
    def called(self) -> list[str]:
        path = self.home / "called"
        return path.read_text().splitlines() if path.exists() else []

    @property
    def reboots(self) -> list[str]:
        """The calls that restart the machine."""
        return [
            call
            for call in self.called
            if call.startswith(("shutdown", "reboot")) or ("systemctl" in call and "reboot" in call)
        ]
