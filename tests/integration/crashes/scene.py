"""A pair on small disks of its own, at the moment before a run; the run, disturbed or not."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from drdwrap.linux import mount_namespace

from ..lab.files import put
from ..lab.images import Images
from ..lab.pair import Pair
from . import tree
from .disks import Disk
from .left import Left
from .tracer import KILL, Disturbed, TracedProgram

_ACCEPT = ("accept", "/etc/on-clone", "/etc/both", "/etc/both-new", "/ballast")
RUNS = {
    "sync": (("sync",), ("sync",), ("sync",)),
    "fill": (("clone", "--overwrite"), ("clone", "--overwrite"), ("sync",)),
    "accept": (_ACCEPT, ("sync",), _ACCEPT, ("sync",), ("sync",)),
    "reverse": (("reverse",), ("reverse",), ("sync",), ("sync",)),
    "reverse-torn": (("reverse",), ("reverse",), ("sync",), ("sync",)),
}
"""What is disturbed, and the runs that follow it. After an accept that was cut off a sync comes
first. A `reverse` is disturbed with the state on the images, and after a sync that was cut off."""

REVERSALS = ("reverse", "reverse-torn")
_CUT_OFF = 0.6
"""How far a sync comes that is cut off: this share of its calls."""


class Scene:
    """Three disks: booted system, clone, and what drdwrap keeps (configuration, state, log)."""

    def __init__(self, home: Path) -> None:
        self._disks = {name: Disk.make(home, name) for name in ("booted", "clone", "state")}
        booted, clone, state = (disk.point for disk in self._disks.values())
        self.pair = Pair(state, booted, clone)
        self._is_reversal = False
        self._beginning: dict[str, bytes] = {}

    def set(self, what: str) -> None:
        """Make the moment before a run of this kind."""
        self._is_reversal = what in REVERSALS
        tree.make(self.pair.booted)
        if self._is_reversal:
            self._keep_state_on(self.pair.booted)
        self.pair.clone_fill()
        tree.change_booted(self.pair.booted)
        tree.change_clone(self.pair.clone)
        if what == "fill":
            self._forget_clone()
        if what == "reverse-torn":
            self._cut_a_sync_off()
        if self._is_reversal:
            self.exchange()
            put(self.pair.booted, "etc/of-the-week", b"written on the clone\n")
        time.sleep(0.05)  # all times are old enough to be trusted
        self.remember()

    def exchange(self) -> None:
        """Let the other image be the booted one, with the state that lies on it."""
        self.pair.booted, self.pair.clone = self.pair.clone, self.pair.booted
        booted, clone = str(self.pair.booted), str(self.pair.clone)
        self.pair.configure(booted={"root": booted}, clone={"root": clone})
        self._keep_state_on(self.pair.booted)

    def _keep_state_on(self, image: Path) -> None:
        self.pair.state = image / "var/lib/drdwrap"
        self.pair.state.parent.mkdir(parents=True, exist_ok=True)
        self.pair.configure(state_dir=str(self.pair.state))

    def _cut_a_sync_off(self) -> None:
        before = {name: disk.synced() for name, disk in self._disks.items()}
        counted = self.disturbed()
        self.run(("sync",), counted)
        for name, content in before.items():
            self._disks[name].go_back(content)
        self.run(("sync",), self.disturbed(int(counted.seen * _CUT_OFF), KILL))

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
            if name != "booted" or booted_too or self._is_reversal:
                disk.go_back(self._beginning[name])

    def run(
        self, arguments: Sequence[str], disturbed: Disturbed
    ) -> subprocess.CompletedProcess[bytes]:
        """Run drdwrap with its calls counted, and perhaps disturbed."""
        command = ["--config", str(self.pair.config), *arguments]
        return TracedProgram(command, self.pair.env, disturbed).wait()

    def disturbed(self, number: int = 0, how: str = "") -> Disturbed:
        names = self._disks if self._is_reversal else ("clone", "state")
        return Disturbed({self._disks[name].number for name in names}, number, how)

    def cut_power(self, disks: Sequence[str]) -> None:
        """Of these disks only what has reached them remains. Nothing runs any more.

        In a reversal the second disk is that of the other image.
        """
        names = ["booted" if self._is_reversal and n == "state" else n for n in disks]
        found = {name: self._disks[name].on_it() for name in names}
        for name, content in found.items():
            self._disks[name].go_back(content)

    def left(self) -> Left:
        return Left.by(self.pair, booted_is_still=not self._is_reversal)

    def directions(self) -> list[int]:
        """How a preview ends with either image booted."""
        ended = []
        for _ in range(2):
            ended.append(self.run(("preview",), self.disturbed()).returncode)
            self.exchange()
        return ended


@contextmanager
def scene() -> Iterator[Scene]:
    """Made in memory, in a mount namespace that the calling process does not leave. NoImages where
    that cannot be done."""
    mount_namespace.unshare_mounts()
    with closing(Images(Path("/dev/shm"))) as images:
        yield Scene(images.home)
