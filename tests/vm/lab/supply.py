"""Where tests get their machines: boxes, the states they are in after a boot, machines of them."""

from __future__ import annotations

import fcntl
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from vagrant.box.package import Box

from .qemu import QemuMachine, State
from .times import TIMES

SYSTEMD, SYSVINIT, UEFI = "debian12-systemd", "debian12-sysvinit", "debian12-uefi"
POSTGRESQL = "debian12-postgresql"
"""Names of recipes (vagrant/box/recipe.py)."""


class Supply:
    """What is made once, and only when a test asks for it: `directory` is this session's, `shared`
    that of all sessions of one test run."""

    def __init__(
        self, directory: Path, shared: Path, accelerator: str, make_box: Callable[[str], Box]
    ) -> None:
        self.directory = directory
        self._shared = shared
        self.accelerator = accelerator
        self._make_box = make_box
        self._boxes: dict[str, Box] = {}

    def box(self, recipe: str) -> Box:
        """The box, found or made. LabError."""
        if recipe not in self._boxes:
            self._boxes[recipe] = self._make_box(recipe)
        return self._boxes[recipe]

    def booted(self, recipe: str) -> State:
        """The box right after its boot: machines go on from there within seconds. LabError."""
        box, kept = self.box(recipe), self._shared / f"booted-{recipe}"
        with (self._shared / f"{recipe}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # of two sessions one boots it, and the other waits
            if not kept.exists():
                self._boot(box).directory.rename(kept)
        return State(kept)

    def _boot(self, box: Box) -> State:
        name = box.recipe.name
        first = QemuMachine("first", box, self.directory / f"first-{name}", self.accelerator)
        try:
            with TIMES.step(f"{name}: first boot ({self.accelerator})"):
                first.start()
            return first.save(self._shared / f"booting-{name}")
        finally:
            first.close()


class NewMachine:
    """Called, it makes a machine; as a context, it closes them all. `made` are those."""

    def __init__(self, supply: Supply) -> None:
        self._supply = supply
        self._opened = ExitStack()
        self.made: list[QemuMachine] = []

    def __call__(self, name: str, recipe: str = SYSTEMD) -> QemuMachine:
        """A machine that is not started yet, whose `name` no other one has at the same time.

        It goes on from where the recipe's is after its boot.
        """
        machine = QemuMachine(
            name,
            self._supply.box(recipe),
            self._supply.directory / name,
            self._supply.accelerator,
            self._supply.booted(recipe),
        )
        self._opened.callback(machine.close)
        self.made.append(machine)
        return machine

    def started(self, name: str, recipe: str = SYSTEMD) -> QemuMachine:
        """A running machine."""
        machine = self(name, recipe)
        with TIMES.step(f"{name}: started from the saved state"):
            machine.start()
        return machine

    def __enter__(self) -> NewMachine:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._opened.close()
