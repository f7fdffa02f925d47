"""A real, small Debian system in a directory, made by mmdebstrap once and kept in the cache."""

from __future__ import annotations

import shutil
from pathlib import Path

from vagrant.box import cache
from vagrant.box.run import BuildError, run

PACKAGES = ("adduser", "cron", "less", "nano", "ucf")
SUITE = "bookworm"
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")


class NoTree(Exception):
    """It cannot be had here; the text says why."""


def unpack(target: Path) -> None:
    """Unpack the system into `target`. NoTree without mmdebstrap, or without a Debian mirror."""
    if not shutil.which("mmdebstrap"):
        raise NoTree("no mmdebstrap is installed")
    try:
        run("tar", "-C", target, "--xattrs", "-xf", _archive())
    except BuildError as error:
        raise NoTree(str(error)) from error


def _archive() -> Path:
    name = f"small-{cache.key([SUITE, *PACKAGES, *_LEFT_OUT])}"
    finished = cache.directory() / f"{name}.tar"
    with cache.one_at_a_time(name):
        if not finished.exists():
            with cache.being_made() as work:
                run(
                    "mmdebstrap",
                    "--variant=apt",
                    "--mode=root",
                    "--format=tar",
                    f"--include={','.join(PACKAGES)}",
                    *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
                    SUITE,
                    work / "tree.tar",
                    environment={"TMPDIR": str(work)},
                )
                (work / "tree.tar").rename(finished)
    return finished
