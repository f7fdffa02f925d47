"""Namespaces for libvirt and Vagrant: a network, processes and directories of the lab's own.

The bridge, the addresses and libvirt's files stay off the machine, a libvirt that runs there is not
disturbed, and when the tests end, however they end, the kernel kills all that is inside.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from .processes import LabError, run, start

_UNSHARE = Path(__file__).parents[2] / "unshare.py"
_OWN = ("/var/lib/libvirt", "/var/log/libvirt", "/var/cache/libvirt", "/etc/libvirt")
"""libvirt's directories, each covered by one of the lab's."""

_INSIDE = """
set -eu
mount -t proc proc /proc
mount -t tmpfs -o mode=755 run /run
mkdir -p /run/lock /run/libvirt
for directory in {own}; do
    mount --bind "{base}$directory" "$directory"
done
ip link set lo up
virtlogd --daemon
libvirtd &
wait
"""


class Namespaces:
    """They live until `close`, or until the process that made them is gone."""

    def __init__(self, directory: Path) -> None:
        base = directory / "namespaces"
        for own in _OWN:
            target = base / own.lstrip("/")
            if Path(own).is_dir() and own.startswith("/etc/"):
                shutil.copytree(own, target, symlinks=True)
            else:
                target.mkdir(parents=True)
        # All of it is in a mount namespace already; in a chroot libvirt cannot make another.
        with (base / "etc/libvirt/qemu.conf").open("a") as settings:
            settings.write("\nnamespaces = []\n")
        self._log = directory / "libvirt.log"
        inside = _INSIDE.format(own=" ".join(_OWN), base=base)
        with self._log.open("wb") as log:
            self._process: subprocess.Popen[bytes] = start(
                [
                    sys.executable, _UNSHARE,
                    "unshare", "--net", "--pid", "--fork", "--kill-child=KILL", "sh", "-c", inside,
                ],
                log,
            )  # fmt: skip
        self._wait_for_libvirt()

    def _wait_for_libvirt(self, patience: float = 60) -> None:
        until = time.monotonic() + patience
        while True:
            try:
                self.run("virsh", "-c", "qemu:///system", "version", timeout=20)
                return
            except LabError as error:
                if self._process.poll() is not None or time.monotonic() > until:
                    said = self._log.read_text(errors="replace")
                    raise LabError(f"libvirt does not run:\n{error}\n{said}") from error
            time.sleep(0.5)

    @property
    def pid(self) -> int:
        """Of the first process inside, as seen from outside. LabError when it has ended."""
        outer = self._process.pid
        inner = Path(f"/proc/{outer}/task/{outer}/children").read_text().split()
        if not inner:
            raise LabError("the lab's namespaces have ended")
        return int(inner[0])

    def enter(self) -> list[str]:
        """The words that run a command inside."""
        spaces = ["--root", "--wd", "--mount", "--net", "--pid"]
        return ["nsenter", "--target", str(self.pid), *spaces]

    def run(self, *arguments: str | Path, timeout: float = 600, **more: object) -> str:
        """As `processes.run`, inside."""
        return run(*self.enter(), *arguments, timeout=timeout, **more)

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
