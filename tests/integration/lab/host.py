"""The machine around a run: a mount namespace whose mounts are shared, as systemd has them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from drdwrap.linux import syscalls

from .images import command
from .mounts import UNSHARE


class NoHost(Exception):
    """Mounts cannot be shared here; the text says why."""


class Host:
    """A mount namespace of its own, for as long as this lives."""

    def __init__(self) -> None:
        steps = "mount --make-rshared / && echo && exec sleep 1000"
        self._process = subprocess.Popen(
            [sys.executable, UNSHARE, "sh", "-c", steps],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        assert self._process.stdout is not None
        if self._process.stdout.readline() != b"\n":
            raise NoHost(self._process.communicate()[1].decode(errors="replace").strip())
        self.namespace = Path(f"/proc/{self._process.pid}/ns/mnt")

    def command(self, *arguments: str | Path) -> bytes:
        """Run a program there that must succeed, and return what it printed."""
        return command("nsenter", f"--mount={self.namespace}", *arguments)

    def enter(self) -> None:
        """Move the calling process there, which must have one thread."""
        namespace = os.open(self.namespace, os.O_RDONLY | os.O_CLOEXEC)
        syscalls.setns(namespace, syscalls.CLONE_NEWNS)
        os.close(namespace)

    def close(self) -> None:
        self._process.kill()
        self._process.communicate()
