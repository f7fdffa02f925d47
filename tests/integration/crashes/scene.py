"""A pair on small disks of its own, at the moment before a run; the run, disturbed or not."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from drdwrap.linux import mount_namespace

from ..lab.images import Images
from ..lab.pair import Pair
from . import tree
from .disks import Disk
from .left import Left
from .tracer import Disturbed, TracedProgram

_ACCEPT = ("accept", "/etc/on-clone", "/etc/both", "/etc/both-new", "/ballast")
RUNS = {
    "sync": (("sync",), ("sync",), ("sync",)),
    "fill": (("clone", "--overwrite"), ("clone", "--overwrite"), ("sync",)),
    "accept": (_ACCEPT, ("sync",), _ACCEPT, ("sync",), ("sync",)),
}
"""What is disturbed, and the runs that follow it. After an accept that was cut off a sync comes
first."""


class Scene:
    """Three disks: booted system, clone, and what drdwrap keeps (configuration, state, log)."""

    def __init__(self, home: Path) -> None:
        self._disks = {name: Disk.make(home, name) for name in ("booted", "clone", "state")}
        booted, clone, state = (disk.point for disk in self._disks.values())
        self.pair = Pair(state, booted, clone)
        self._beginning: dict[str, bytes] = {}

    def set(self, what: str) -> None:
        """Make the moment before a run of this kind."""
        tree.make(self.pair.booted)
        self.pair.clone_fill()
        tree.change_booted(self.pair.booted)
        tree.change_clone(self.pair.clone)
        if what == "fill":
            self._forget_clone()
        time.sleep(0.05)  # all times are old enough to be trusted
        self.remember()

    def _forget_clone(self) -> None:
        """Half of it is as an older clone has it."""
        shutil.rmtree(self.pair.clone / "etc")

    def remember(self) -> None:
        """Let this be where `go_back` goes back to."""
        self._beginning = {name: disk.synced() for name, disk in self._disks.items()}

    def bring_to_disk(self) -> None:
        """What was done so far survives a power cut."""
        for disk in self._disks.values():
            disk.synced()

    def go_back(self, booted_too: bool = False) -> None:
        for name, disk in self._disks.items():
            if name != "booted" or booted_too:
                disk.go_back(self._beginning[name])

    def run(
        self, arguments: Sequence[str], disturbed: Disturbed
    ) -> subprocess.CompletedProcess[bytes]:
        """Run drdwrap with its calls counted, and perhaps disturbed."""
        command = ["--config", str(self.pair.config), *arguments]
        return TracedProgram(command, self.pair.env, disturbed).wait()

    def disturbed(self, number: int = 0, how: str = "") -> Disturbed:
        return Disturbed({self._disks[n].number for n in ("clone", "state")}, number, how)

    def cut_power(self, disks: Sequence[str]) -> None:
        """Of these disks only what has reached them remains. Nothing runs any more."""
        found = {name: self._disks[name].on_it() for name in disks}
        for name, content in found.items():
            self._disks[name].go_back(content)

    def left(self) -> Left:
        return Left.by(self.pair)


@contextmanager
def scene() -> Iterator[Scene]:
    """Made in memory, in a mount namespace that the calling process does not leave. NoImages where
    that cannot be done."""
    mount_namespace.unshare_mounts()
    with closing(Images(Path("/dev/shm"))) as images:
        yield Scene(images.home)
