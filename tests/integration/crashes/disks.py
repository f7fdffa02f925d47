"""Small ext4 file systems on loop devices that are brought back, in milliseconds, to how they were.

What the file behind a loop device has is what a disk has: the pages that the kernel has not
written back are not there. So a copy of the file is what a power cut leaves.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from drdwrap.linux import syscalls

from ..lab.images import command, unmount

_SIZE = 24 << 20


@dataclass
class Disk:
    """One of them, with the file system mounted on `point`."""

    file: Path
    point: Path

    @classmethod
    def make(cls, home: Path, name: str) -> Disk:
        made = cls(home / f"{name}.disk", home / f"on-{name}")
        with made.file.open("wb") as backing:
            backing.truncate(_SIZE)
        command("mkfs.ext4", "-q", "-F", "-b", "4096", "-I", "256", "-m", "0", made.file)
        made.point.mkdir(mode=0o755)
        made._mount()
        return made

    @property
    def number(self) -> int:
        """st_dev of all that is on it."""
        return self.point.stat().st_dev

    def on_it(self) -> bytes:
        """What has reached the disk so far."""
        return self.file.read_bytes()

    def synced(self) -> bytes:
        """The disk with everything that is in the file system."""
        syscalls.syncfs(os.fsencode(self.point))
        return self.on_it()

    def go_back(self, content: bytes) -> None:
        """Make the disk what it was, and mount it anew."""
        self._unmount()
        with self.file.open("r+b") as backing:
            backing.write(content)
        self._mount()

    def _mount(self) -> None:
        command("mount", "-t", "ext4", "-o", "loop", self.file, self.point)

    def _unmount(self) -> None:
        """And wait until the loop device is free: a mount namespace may be about to end."""
        number, until = self.number, time.monotonic() + 20
        loop = Path(f"/sys/dev/block/{os.major(number)}:{os.minor(number)}/loop")
        unmount(self.point)
        while loop.exists():
            if time.monotonic() > until:
                raise OSError(f"{self.file} is still in use")
            time.sleep(0.001)
