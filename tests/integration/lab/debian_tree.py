"""Real, small Debian systems in a directory, made by mmdebstrap once and kept in the cache."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from vagrant.box import cache
from vagrant.box.run import BuildError, run

SUITE = "bookworm"
DEBS = "opt/debs"
"""Below it, a directory for each package that is not installed: its file, and those it needs."""
_LEFT_OUT = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_DOWNLOAD = """
rm -f "$1"/var/cache/apt/archives/*.deb
mkdir -p "$1/{directory}"
chroot "$1" apt-get --yes --download-only --no-install-recommends install {package}
mv "$1"/var/cache/apt/archives/*.deb "$1/{directory}"
"""


class NoTree(Exception):
    """It cannot be had here; the text says why."""


@dataclass(frozen=True)
class System:
    """What is installed beside Debian's minimum, and what can be installed later."""

    name: str
    packages: Sequence[str]
    debs: Sequence[str] = ()

    @property
    def key(self) -> str:
        debs = map(_download, self.debs)
        return cache.key([SUITE, *self.packages, *_LEFT_OUT, *debs])


SMALL = System("small", ("adduser", "cron", "less", "nano", "ucf"))
SERVICES = System(
    "services",
    ("adduser", "cron", "exim4-daemon-light", "nginx-light"),
    ("postfix", "redis-server"),
)


def unpack(target: Path, system: System = SMALL) -> None:
    """Unpack the system into `target`. NoTree without mmdebstrap, or without a Debian mirror."""
    if not shutil.which("mmdebstrap"):
        raise NoTree("no mmdebstrap is installed")
    try:
        run("tar", "-C", target, "--xattrs", "-xf", _archive(system))
    except BuildError as error:
        raise NoTree(str(error)) from error


def _archive(system: System) -> Path:
    name = f"{system.name}-{system.key}"
    finished = cache.directory() / f"{name}.tar"
    with cache.one_at_a_time(name):
        if not finished.exists():
            with cache.being_made() as work:
                run(
                    "mmdebstrap",
                    "--variant=apt",
                    "--mode=root",
                    "--format=tar",
                    f"--include={','.join(system.packages)}",
                    *(f"--dpkgopt=path-exclude={pattern}" for pattern in _LEFT_OUT),
                    *(f"--customize-hook={_download(package)}" for package in system.debs),
                    SUITE,
                    work / "tree.tar",
                    environment={"TMPDIR": str(work)},
                )
                (work / "tree.tar").rename(finished)
    return finished


def _download(package: str) -> str:
    return _DOWNLOAD.format(directory=f"{DEBS}/{package}", package=package)
