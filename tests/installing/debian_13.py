"""Two Debian 13 systems: one builds packages, and one has apt and nothing of drdwrap's."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from integration.lab.debian_tree import System
from integration.lab.mounts import UNSHARE

_LEFT_OUT = ("/usr/share/locale/*", "/usr/share/info/*")
BUILDER = System(
    "builder",
    (
        *("build-essential", "debhelper", "dh-python", "pybuild-plugin-pyproject", "python3-all"),
        *("python3-click", "python3-hatchling", "python3-jinja2", "python3-jsonschema"),
        *("python3-prometheus-client", "python3-rich", "python3-sh", "python3-yaml", "lintian"),
    ),
    suite="trixie",
    left_out=_LEFT_OUT,
)
PLAIN = System(
    "plain",
    ("python3",),
    for_apt=(
        *("python3-click", "python3-jinja2", "python3-jsonschema", "python3-prometheus-client"),
        *("python3-rich", "python3-sh", "python3-yaml"),
        *("dosfstools", "e2fsprogs", "fdisk", "logrotate", "lvm2", "mount", "rsync", "udev"),
        *("bash-completion", "man-db"),
    ),
    suite="trixie",
    left_out=_LEFT_OUT,
)
"""What apt can install there are the dependencies of the package; a new one has to be added."""
_ENTER = """
mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; mount -t tmpfs tmpfs "$0/tmp"
exec chroot "$0" /usr/bin/env -i PATH=/usr/sbin:/usr/bin LC_ALL=C.UTF-8 HOME=/root \\
    DEBIAN_FRONTEND=noninteractive sh -ec "$1"
"""


def run(root: Path, script: str, ok: int = 0) -> str:
    """What a shell script prints, run in the tree with its own mounts. It must end with `ok`."""
    done = subprocess.run(
        [sys.executable, UNSHARE, "sh", "-ec", _ENTER, root, script],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="backslashreplace",
        check=False,
    )
    assert done.returncode == ok, f"{script}\n{done.stdout[-6000:]}\n{done.stderr[-6000:]}"
    return done.stdout + done.stderr


def files(root: Path) -> set[str]:
    """Every path in the tree, except for what apt, dpkg and caches keep for themselves."""
    others = ("var/lib/dpkg", "var/lib/apt", "var/cache", "var/log/apt", "var/log/dpkg.log", "run")
    found = {str(path.relative_to(root)) for path in root.rglob("*")}
    return {name for name in found if not name.startswith(others) and "__pycache__" not in name}
