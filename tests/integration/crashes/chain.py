"""Chains of crashes, with changes on both sides in between.

What is changed on the booted system and on the clone are other paths (or the clone's is erased,
which asks for a copy; but not one of several names of a file, or one in a directory that gives way
or goes, where that changes what stays). So it is known what there has to be in the end:
the booted system's files, and untouched what is the clone's own.
"""

from __future__ import annotations

import os
import random
from contextlib import suppress
from dataclasses import dataclass, field

from ..lab.files import put
from ..lab.operations import NAMES, OPERATIONS, operate
from ..lab.snapshot import Entry, Tree, snapshot
from .scene import Scene
from .tracer import KILL
from .trial import HELD, HOWS, POWER

_WAYS = [way for ways in HOWS.values() for way in ways]
_SYNC = ("sync",)


@dataclass
class Chain:
    """What happened, and what is wrong in the end."""

    seed: int
    steps: list[str] = field(default_factory=list)
    bad: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return "\n    ".join([f"chain {self.seed}: {'; '.join(self.steps)}", *self.bad])


class Chains:
    """Chains that all begin on the same scene, made for a sync."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        scene.set("sync")
        counted = scene.disturbed()
        scene.run(_SYNC, counted)
        self._calls = counted.seen
        booted, clone = self._both()
        self._own = {p for p in booted.keys() | clone.keys() if booted.get(p) != clone.get(p)}
        self._held = self._reported()

    def run(self, seed: int) -> Chain:
        """Two to four crashes, then two syncs that nothing disturbs."""
        chance, chain = random.Random(seed), Chain(seed)
        self._scene.go_back(booted_too=True)
        own = set(self._own)
        for turn in range(chance.randint(2, 4)):
            if turn:
                erased = self._change(chance, turn, own)
                chain.steps.append(f"/{os.fsdecode(erased)} erased on the clone")
            self._scene.bring_to_disk()
            kept = self._kept(own)
            self._crash(chance, chain)
        for _ in range(2):
            ended = self._scene.run(_SYNC, self._scene.disturbed())
            if ended.returncode:
                chain.bad.append(f"status {ended.returncode}: {ended.stderr.decode()}")
        self._judge(chain, own, kept)
        return chain

    def _crash(self, chance: random.Random, chain: Chain) -> None:
        way, number = chance.choice(_WAYS), chance.randint(1, self._calls)
        disturbed = self._scene.disturbed(number, KILL if way in POWER else way)
        ended = self._scene.run(_SYNC, disturbed)
        if way in POWER and disturbed.call:
            self._scene.cut_power(POWER[way])
        chain.steps.append(f"{way} at {number} ({disturbed.call or 'not reached'})")
        if b"Traceback" in ended.stderr:
            chain.bad.append(ended.stderr.decode(errors="replace"))

    def _change(self, chance: random.Random, turn: int, own: set[bytes]) -> bytes:
        booted, clone = self._scene.pair.booted, self._scene.pair.clone
        for directory in ("d1", "d2/s"):
            with suppress(FileExistsError, NotADirectoryError):  # it is something else by now
                (booted / "play" / directory).mkdir(parents=True, exist_ok=True)
        for _ in range(8):
            operation, number = chance.choice(OPERATIONS), chance.randint(0, 1000)
            name, other = chance.choice(NAMES), chance.choice(NAMES)
            operate(booted / "play", operation, name, other, number)
        put(booted, "etc/changed", b"booted, %d\n" % turn)
        put(clone, "etc/both", b"the clone's, %d\n" % turn)
        put(clone, f"etc/own-{turn}", b"the clone's\n")
        own.add(b"etc/own-%d" % turn)
        erased = [
            path
            for path, entry in snapshot(clone).items()
            if entry.kind == "file" and path not in own and not entry.links
            if not path.startswith((b".drdwrap.tmp", b"turned/", b"erased/"))
        ]
        path = chance.choice(sorted(erased))
        os.unlink(clone / os.fsdecode(path))
        return path

    def _kept(self, own: set[bytes]) -> dict[bytes, Entry | None]:
        clone = snapshot(self._scene.pair.clone)
        return {path: clone.get(path) for path in own if not path.startswith(b"play")}

    def _judge(self, chain: Chain, own: set[bytes], kept: dict[bytes, Entry | None]) -> None:
        booted, clone = self._both()
        for path in sorted(booted.keys() | clone.keys()):
            if path not in own and booted.get(path) != clone.get(path):
                chain.bad.append(f"{path!r}: {clone.get(path)}, not {booted.get(path)}")
        for path, entry in kept.items():
            if clone.get(path) != entry:
                chain.bad.append(f"the clone's own {path!r}: {clone.get(path)}, not {entry}")
        usual = self._held | {b"/" + path for path in own}
        for path in sorted(self._reported() - usual):
            chain.bad.append(f"{path!r} counts as changed on the clone")

    def _both(self) -> tuple[Tree, Tree]:
        return self._scene.pair.both()

    def _reported(self) -> set[bytes]:
        return {path for name in HELD for path in self._scene.pair.report(name)}
