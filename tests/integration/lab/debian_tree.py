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
    """What is installed beside Debian's minimum, and what can be installed later.

    `debs` are for dpkg, and lie in DEBS. `for_apt` are for apt, which has its lists and the files.
    """

    name: str
    packages: Sequence[str]
    debs: Sequence[str] = ()
    for_apt: Sequence[str] = ()
    suite: str = SUITE
    left_out: Sequence[str] = _LEFT_OUT

    @property
    def key(self) -> str:
        debs = map(_download, self.debs)
        parts = [self.suite, *self.packages, *self.left_out, *debs, *self._hooks_for_apt]
        return cache.key(parts)

    @property
    def _hooks_for_apt(self) -> list[str]:
        """Options of mmdebstrap."""
        if not self.for_apt:
            return []
        download = "apt-get --yes --download-only install"
        return [
            "--skip=cleanup/apt",
            f'--customize-hook=chroot "$1" {download} {" ".join(self.for_apt)}',
        ]

    @property
    def options(self) -> list[str]:
        """Options of mmdebstrap, and the suite."""
        return [
            f"--include={','.join(self.packages)}",
            *(f"--dpkgopt=path-exclude={pattern}" for pattern in self.left_out),
            *(f"--customize-hook={_download(package)}" for package in self.debs),
            *self._hooks_for_apt,
            self.suite,
        ]


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
                    *system.options,
                    work / "tree.tar",
                    environment={"TMPDIR": str(work)},
                )
                (work / "tree.tar").rename(finished)
    return finished


def _download(package: str) -> str:
    return _DOWNLOAD.format(directory=f"{DEBS}/{package}", package=package)
