"""Small ext4 file systems on loop devices, made once a session and emptied between tests.

Everything lives under one directory a session, ``drdwrap-test-PID``, whose ``lock`` the session
holds for as long as it lives: that is how a later session tells what a killed one left behind.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from drdwrap.paths.escaping import unescaped

PREFIX = "drdwrap-test-"
MIB = 1 << 20


class NoImages(Exception):
    """Loop images cannot be had on this machine; the text says why."""


def command(*arguments: str | Path) -> bytes:
    """Run a program that must succeed and return what it printed."""
    done = subprocess.run([str(a) for a in arguments], capture_output=True, check=False)
    if done.returncode:
        told = done.stderr.decode(errors="replace").strip()
        raise OSError(f"{' '.join(map(str, arguments))}: exit {done.returncode}: {told}")
    return done.stdout


def mount_points() -> list[str]:
    """Every mount point this process sees, in the order they were mounted."""
    lines = Path("/proc/self/mountinfo").read_bytes().split(b"\n")[:-1]
    return [os.fsdecode(unescaped(line.split(b" ")[4])) for line in lines]


def is_mounted(point: Path) -> bool:
    return str(point) in mount_points()


def unmount(point: Path, patience: float = 10.0) -> None:
    """Unmount, waiting a while for a process that is about to end; never lazily."""
    until = time.monotonic() + patience
    while is_mounted(point):
        try:
            command("umount", point)
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


@dataclass
class Image:
    """One file system: its backing file and where it is mounted."""

    file: Path
    point: Path

    def mount(self) -> None:
        """Mount it, for writing, if a test has not left it so."""
        if is_mounted(self.point):
            if not os.statvfs(self.point).f_flag & os.ST_RDONLY:
                return
            self.unmount()
        self.point.mkdir(mode=0o700, exist_ok=True)
        command("mount", "-t", "ext4", "-o", "loop", self.file, self.point)

    def unmount(self, patience: float = 20.0) -> None:
        """Unmount, and wait until the kernel has let go of the file system.

        A process in a mount namespace of its own, of another session's drdwrap for example, may
        still see it for a while; mounted again before that, it would be the same as before.
        """
        unmount(self.point)
        until = time.monotonic() + patience
        while command("losetup", "--noheadings", "--associated", self.file).strip():
            if time.monotonic() > until:
                raise OSError(f"{self.file} is still in use after {patience} s")
            time.sleep(0.02)

    def empty(self) -> None:
        """Bring the file system back to how mkfs left it, except for the times."""
        names = [entry for entry in self.point.iterdir() if entry.name != "lost+found"]
        if names:
            rm = ["rm", "-rf", "--one-file-system", "--", *map(str, names)]
            if subprocess.run(rm, capture_output=True, check=False).returncode:
                # Its status tells of links and FIFOs, which have no such flags.
                chattr = ["chattr", "-R", "-f", "-i", "-a", *map(str, names)]
                subprocess.run(chattr, capture_output=True, check=False)
                command(*rm)
        (self.point / "lost+found").mkdir(mode=0o700, exist_ok=True)
        for attribute in os.listxattr(self.point):
            os.removexattr(self.point, attribute)
        os.chown(self.point, 0, 0)
        self.point.chmod(0o755)


class Images:
    """The session's pool of file systems, by name."""

    def __init__(self, base: Path) -> None:
        """Raises NoImages where nothing can be mounted."""
        if os.geteuid() != 0:
            raise NoImages("loop images are mounted by root only")
        sweep(base)
        self.home = base / f"{PREFIX}{os.getpid()}"
        # Renamed once the lock is held, so that another session's sweep never sees it without.
        unlocked = base / f".{self.home.name}.new"
        unlocked.mkdir(mode=0o700)
        self._lock = os.open(unlocked / "lock", os.O_CREAT | os.O_RDWR, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        unlocked.rename(self.home)
        self._made: dict[str, Image] = {}
        try:
            self.image("booted")
        except OSError as problem:
            self.close()
            raise NoImages(str(problem)) from problem

    def image(self, name: str, size: int = 64 * MIB, inodes: int | None = None) -> Image:
        """The file system of that name, mounted and empty; made at the first call."""
        image = self._made.get(name)
        if image is None:
            image = Image(self.home / f"{name}.img", self.home / name)
            with image.file.open("wb") as backing:
                backing.truncate(size)
            # 256-byte inodes: the small default has no room for nanoseconds or the year 2100.
            options = ["-q", "-F", "-b", "4096", "-I", "256", "-m", "0"]
            if inodes is not None:
                options += ["-N", str(inodes)]
            command("mkfs.ext4", *options, image.file)
            self._made[name] = image
        image.mount()
        image.empty()
        return image

    def drop(self, name: str) -> None:
        """Forget a file system that a test has damaged."""
        image = self._made.pop(name)
        image.unmount()
        image.file.unlink()

    def unmount(self) -> None:
        """Unmount everything below the session's directory, whoever mounted it."""
        _unmount_below(self.home)

    def close(self) -> None:
        self.unmount()
        shutil.rmtree(self.home)
        os.close(self._lock)


def _unmount_below(home: Path) -> None:
    for point in reversed(mount_points()):
        if point.startswith(f"{home}/"):
            unmount(Path(point))


def _detach_below(home: Path) -> None:
    for line in command("losetup", "--list", "--noheadings", "-O", "NAME,BACK-FILE").splitlines():
        device, _, backing = os.fsdecode(line).partition(" ")
        if backing.strip().startswith(f"{home}/"):
            command("losetup", "--detach", device)


def sweep(base: Path) -> None:
    """Unmount, detach and remove what sessions that are no more left under ``base``."""
    for home in base.glob(f"{PREFIX}*"):
        with contextlib.ExitStack() as undo:
            try:
                lock = os.open(home / "lock", os.O_RDWR)
            except FileNotFoundError:
                continue  # none of ours
            undo.callback(os.close, lock)
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                continue  # alive
            with contextlib.suppress(OSError):  # busy: a program of that session still runs
                _unmount_below(home)
                _detach_below(home)
                shutil.rmtree(home)
