"""A finished box: a directory with the disk, the key that opens it, and the file for Vagrant."""

from __future__ import annotations

import json
import tarfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vagrant.box import cache, disk, loop, system, tree
from vagrant.box.recipe import Recipe
from vagrant.box.run import run

Tell = Callable[[str], None]


@dataclass(frozen=True)
class Box:
    """A box in the cache. All of it is read-only: machines write to overlays of `image`."""

    recipe: Recipe
    directory: Path

    @property
    def image(self) -> Path:
        """The disk, qcow2."""
        return self.directory / "box.img"

    @property
    def key(self) -> Path:
        """The private key for root and for vagrant."""
        return self.directory / "key"

    @property
    def vagrant(self) -> Path:
        """The box for Vagrant's libvirt provider; there is none for UEFI."""
        return self.directory / f"{self.recipe.name}.box"


def place(recipe: Recipe) -> Box:
    """Where the box is, or will be."""
    own = sorted(Path(__file__).parent.glob("*.py"))
    made_of = cache.key([repr(recipe), *recipe.packages, *(path.read_bytes() for path in own)])
    return Box(recipe, cache.directory() / f"box-{recipe.name}-{made_of}")


def made(recipe: Recipe, tell: Tell) -> Box:
    """The box, from the cache or made now; `tell` gets a line for each step, with its time.

    BuildError. The caller is root, in a mount namespace of its own.
    """
    box = place(recipe)
    with cache.one_at_a_time(f"box-{recipe.name}"):
        if not box.directory.exists():
            cache.remove_leftovers(before=loop.detach)
            with cache.being_made() as work:
                _make(recipe, work, tell)
                (work / "finished").rename(box.directory)
    return box


def _make(recipe: Recipe, work: Path, tell: Tell) -> None:
    clock = _Clock(tell)
    archive = tree.archive(recipe)
    clock.lap("packages unpacked and configured")
    finished = Box(recipe, work / "finished")
    finished.directory.mkdir()
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", recipe.name, "-f", finished.key)
    raw = work / "disk.img"
    with disk.made(raw, recipe, work) as opened:
        clock.lap("partitions, volume group and file systems made")
        run("tar", "--extract", "--xattrs", "--xattrs-include=*", "-C", opened.root, "-f", archive)
        clock.lap("packages copied onto them")
        system.configure(opened, recipe, finished.key.with_suffix(".pub").read_text())
        clock.lap("configured, initramfs and boot loader made")
    run("qemu-img", "convert", "-O", "qcow2", raw, finished.image)
    if recipe.firmware == "bios":
        _pack(finished)
    clock.lap("packed")


def _pack(box: Box) -> None:
    gigabytes = -(-box.recipe.disk_size // 1024)
    (box.directory / "metadata.json").write_text(
        json.dumps({"provider": "libvirt", "format": "qcow2", "virtual_size": gigabytes})
    )
    with tarfile.open(box.vagrant, "w") as file:
        for name in ("metadata.json", "box.img"):
            file.add(box.directory / name, name)


class _Clock:
    def __init__(self, tell: Tell) -> None:
        self._tell = tell
        self._last = time.monotonic()

    def lap(self, what: str) -> None:
        now = time.monotonic()
        self._tell(f"{now - self._last:6.1f} s  {what}")
        self._last = now
