"""What a single test mounts, undone in reverse order when it ends."""

from __future__ import annotations

import contextlib
import ctypes
import os
from pathlib import Path

from .images import MIB, Image, Images, command, unmount

UNSHARE = Path(__file__).parents[2] / "unshare.py"
"""Runs a program, as arguments, in a mount namespace of its own."""

_libc = ctypes.CDLL(None, use_errno=True)


class Mounts:
    def __init__(self, images: Images) -> None:
        self._images = images
        self._undo = contextlib.ExitStack()

    def image(self, name: str, size: int = 64 * MIB, inodes: int | None = None) -> Image:
        """An emptied file system of the session's pool at its usual place.

        It stays mounted for the next test: mounting is most of what making one ready costs.
        """
        return self._images.image(name, size, inodes)

    def drop(self, name: str) -> None:
        """The test has damaged this file system: unmount it, and make it again the next time."""
        self._images.drop(name)

    def image_at(self, name: str, point: Path, size: int = 64 * MIB) -> None:
        """An emptied file system of the pool, seen at ``point`` too."""
        self.image(name, size)
        self.bind(self._images.home / name, point)

    def bind(self, source: Path, point: Path) -> None:
        self._mount("--bind", source, point)

    def formatted(self, name: str, size: int, *mkfs: str) -> Path:
        """A file system that this command makes (its last argument is the image), for one test."""
        backing, point = self._images.home / f"{name}.img", self._images.home / name
        with backing.open("wb") as file:
            file.truncate(size)
        self._undo.callback(backing.unlink)
        command(*mkfs, backing)
        point.mkdir(exist_ok=True)
        self._mount("-o", "loop", backing, point)
        return point

    def tmpfs(self, point: Path) -> None:
        self._mount("-t", "tmpfs", "drdwrap-test", point)

    def dead_fuse(self, point: Path, kind: bytes = b"fuse") -> None:
        """A FUSE file system whose server answers nothing: whoever looks into it hangs.

        Whoever mounts one may add a subtype of their own to ``kind``, after a dot.
        """
        server = os.open("/dev/fuse", os.O_RDWR)
        # Closed first, the server's end lets go all who wait for it, so that unmounting works.
        self._undo.callback(unmount, point)
        self._undo.callback(os.close, server)
        options = f"fd={server},rootmode=40000,user_id=0,group_id=0".encode()
        if _libc.mount(b"drdwrap-test", os.fsencode(point), kind, 0, options):
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number), str(point))

    def loop(self, image: Path, kind: str) -> Path:
        """A file system in a file of the test's own, mounted beside it."""
        point = image.with_name(f"{image.name}.mounted")
        point.mkdir()
        self._mount("-t", kind, "-o", "loop", image, point)
        return point

    def _mount(self, *arguments: str | Path) -> None:
        command("mount", *arguments)
        self._undo.callback(unmount, Path(arguments[-1]))

    def undo(self) -> None:
        self._undo.close()
