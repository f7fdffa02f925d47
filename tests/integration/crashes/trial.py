"""One point tried: a run disturbed there, the runs that follow, and what is not as it has to be."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field

from .scene import REVERSALS, RUNS, Scene
from .tracer import ERRORS, KILL, KILL_AFTER

POWER = {
    "power of the clone": ("clone",),
    "power of the state": ("state",),
    "power of both": ("clone", "state"),
}
HOWS = {
    "kill": (KILL,),
    "kill-after": (KILL_AFTER,),
    **{name: (name,) for name in ERRORS},
    "power": tuple(POWER),
}
"""What can be asked for, and the ways in which each point is then disturbed."""

HELD = ("target_changed", "clone_only")


@dataclass(frozen=True)
class Point:
    """A call that was disturbed, and what was wrong after that; `bad` is empty if nothing was."""

    number: int
    how: str
    call: str
    status: int
    bad: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        told = f"{self.how} at call {self.number} ({self.call}), status {self.status}"
        return "\n    ".join([told, *self.bad])


class Trials:
    """All points of one kind of run (`sync`, `fill`, `accept`, `reverse`) on one scene."""

    def __init__(self, scene: Scene, what: str) -> None:
        """Run it undisturbed, with the two runs that follow: that is what is to be expected."""
        self._scene = scene
        self._first, *self._following = RUNS[what]
        self._is_reversal = what in REVERSALS
        scene.set(what)
        self._held = self._held_by_a_sync() if what == "accept" else set()
        counted = scene.disturbed()
        self._statuses = {0, scene.run(self._first, counted).returncode}
        self._held |= self._reported()
        for run in self._following:
            self._statuses.add(scene.run(run, scene.disturbed()).returncode)
            self._held |= self._reported()
        self._expected = scene.left()
        self.calls = counted.seen

    def _held_by_a_sync(self) -> set[bytes]:
        """What is held as long as nothing is accepted."""
        self._scene.run(("sync",), self._scene.disturbed())
        held = self._reported()
        self._scene.go_back()
        return held

    def _reported(self) -> set[bytes]:
        pair = self._scene.pair
        if self._is_reversal and not pair.report_file(HELD[0]).exists():
            return set()  # the image that is booted now has not run anything yet
        return {path for name in HELD for path in pair.report(name)}

    def at(self, number: int, how: str) -> Point:
        """Try the call with this number, from 1."""
        self._scene.go_back()
        disturbed = self._scene.disturbed(number, KILL if how in POWER else how)
        ended = self._scene.run(self._first, disturbed)
        call = str(disturbed.call) if disturbed.call else "not reached"
        if how in POWER:
            self._scene.cut_power(POWER[how])
        bad = [*self._told(ended), *self._roles(), *self._after()]
        return Point(number, how, call, ended.returncode, bad)

    def _told(self, ended: subprocess.CompletedProcess[bytes]) -> Iterator[str]:
        if b"Traceback" in ended.stderr:
            yield f"a traceback: {ended.stderr.decode(errors='replace')[-2000:]}"

    def _roles(self) -> Iterator[str]:
        """After a reversal that was cut off, the old roles hold or the new ones, never both."""
        if self._is_reversal and sorted(map(bool, ended := self._scene.directions())) != [0, 1]:
            yield f"previews with either image booted: {ended}"

    def _after(self) -> Iterator[str]:
        for run in self._following:
            ended = self._scene.run(run, self._scene.disturbed())
            yield from self._told(ended)
            if ended.returncode not in self._statuses:
                yield f"{run}: status {ended.returncode}: {ended.stderr.decode(errors='replace')}"
            for path in sorted(self._reported() - self._held):
                yield f"{path!r} is held, and not by an undisturbed run"
        yield from self._scene.left().differences(self._expected)
