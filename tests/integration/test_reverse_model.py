"""Weeks on alternating images, with `reverse` in between, against a plain model.

The model keeps for each path what both images last had alike. It knows nothing of records. Seeds
beside those here: ``DRDWRAP_REVERSALS=100 pytest ...`` tries so many.
"""

from __future__ import annotations

import os
import random
import time
from pathlib import Path

import pytest

from .lab.files import at, populate, put
from .lab.model import plain
from .lab.mounts import Mounts
from .lab.snapshot import Tree, differences
from .lab.two_images import TwoImages

SEEDS = range(1, 1 + int(os.environ.get("DRDWRAP_REVERSALS", "2")))
REVERSALS = 20
NAMES = [f"srv/d{number % 4}/{number}" for number in range(24)]
OWN = ("etc/fstab", "boot/config", "var/log/drdwrap.log")


class Weeks:
    """The two images, and what there has to be on each."""

    def __init__(self, images: TwoImages, seed: int) -> None:
        self.images, self.chance = images, random.Random(seed)
        self.alike: Tree = self._seen(images.original)
        self.conflicts = 0

    def live(self, image: Path, changes: int) -> None:
        """Somebody works on this image."""
        for _ in range(changes):
            name, number = self.chance.choice(NAMES), self.chance.randint(0, 10**9)
            path = image / name
            todo = self.chance.choice(("write", "write", "write", "erase", "chmod"))
            if todo == "write":
                put(image, name, b"%d\n" % number * self.chance.randint(1, 50))
            elif todo == "erase":
                path.unlink(missing_ok=True)
            elif path.exists():
                # To set the same mode again would only move the change time: of such a file on the
                # clone nothing tells whether it is still what drdwrap put.
                others = {0o600, 0o640, 0o755} - {path.stat().st_mode & 0o777}
                path.chmod(self.chance.choice(sorted(others)))
        put(image, "etc/fstab", b"of %s\n" % image.name.encode())
        put(image, "boot/config", os.urandom(8))
        time.sleep(0.02)  # change times are old enough to be trusted

    def sync(self) -> None:
        """What a sync has to do, by section 2's table; then the sync itself."""
        here, there = self._seen(self.images.booted), self._seen(self.images.other)
        wanted = dict(there)
        for path in here.keys() | there.keys() | self.alike.keys():
            mine, other, then = here.get(path), there.get(path), self.alike.get(path)
            changed_on_both = other != then and other is not None and mine != other
            if changed_on_both or (mine is None and other != then):
                self.conflicts += other is not None
                continue
            if mine is None:
                wanted.pop(path, None)
                self.alike.pop(path, None)
            else:
                wanted[path] = self.alike[path] = mine
        self.images.pair.sync()
        assert self._seen(self.images.booted) == here, "a sync changed the booted image"
        assert differences(wanted, self._seen(self.images.other)) == []

    def exchange(self) -> None:
        """Boot the other image, and exchange the roles."""
        before = self.images.trees()
        self.images.boot_the_other()
        self.images.pair.run("sync", ok=1)
        self.images.pair.run("reverse")
        assert self.images.trees() == before, "reverse copied something"

    def _seen(self, image: Path) -> Tree:
        tree = plain(self.images.trees()[image])
        return {
            path: entry
            for path, entry in tree.items()
            if os.fsdecode(path) not in OWN and entry.kind == "file"
        }


@pytest.mark.parametrize("shared", [False, True], ids=["own state", "shared state"])
@pytest.mark.parametrize("seed", SEEDS)
def test_nothing_is_lost_in_twenty_reversals(
    on_disk: Path, mounts: Mounts, seed: int, shared: bool
) -> None:
    booted, clone = mounts.image("booted").point, mounts.image("clone").point
    images = TwoImages(on_disk, booted, clone, shared=shared)
    populate(booted)
    for name in NAMES[::2]:
        put(booted, name, b"first\n")
    for number in range(4):  # never erased as a whole
        put(booted, f"srv/d{number}/stays", b"")
    put(booted, "etc/fstab", b"of the original\n")
    put(booted, "boot/config", b"of the original\n")
    time.sleep(0.02)
    images.pair.clone_fill()
    weeks = Weeks(images, seed)
    for _ in range(REVERSALS):
        weeks.live(images.booted, weeks.chance.randint(1, 8))
        if weeks.chance.random() < 0.4:
            weeks.live(images.other, weeks.chance.randint(1, 4))
        if weeks.chance.random() < 0.7:
            weeks.sync()
        if weeks.chance.random() < 0.4:  # after the last sync
            weeks.live(images.booted, weeks.chance.randint(1, 4))
        weeks.exchange()
    weeks.sync()
    for image in (images.original, images.clone):
        assert at(image, "etc/fstab").read_bytes() == b"of %s\n" % image.name.encode()
    header = images.header(images.booted)
    assert header is not None and header.reversals == REVERSALS
    assert weeks.conflicts, "nothing was put to the test"
    assert not (images.state_of(images.other) / "record").exists() or shared
