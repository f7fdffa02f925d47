"""Loop images: made, mounted, and gone again whatever happens.

All mounts are made in a mount namespace of the bench's own, and the loop devices are set to
clear themselves, so that even a SIGKILL leaves no mount and no loop device behind.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from drdwrap.linux import mount_namespace

BYTES_PER_FILE = 10 * 1024  # twice what a file of the tree takes, inode included
SPARE_BYTES = 512 << 20


class ImageError(Exception):
    """A file system could not be made or mounted."""


@dataclass(frozen=True)
class Image:
    """An ext4 file system in a sparse file, and where it is mounted."""

    file: Path
    mount_point: Path
    inodes: int

    @property
    def size(self) -> int:
        """Of the file system, in bytes."""
        return SPARE_BYTES + self.inodes * BYTES_PER_FILE

    def make(self) -> None:
        """An empty file system with a new UUID, mounted; what was there is gone."""
        self.remove()
        self.mount_point.mkdir(parents=True)
        with self.file.open("xb") as sparse:
            sparse.truncate(self.size)
        # Without lazy initialization the kernel does not write inode tables while we measure.
        lazy = "lazy_itable_init=0,lazy_journal_init=0,nodiscard"
        _run("mkfs.ext4", "-q", "-F", "-m", "0", "-N", str(self.inodes), "-E", lazy, self.file)
        # noatime: else the first contender that reads a file pays for everybody's atime update.
        _run("mount", "-o", "loop,noatime", self.file, self.mount_point)

    def remove(self) -> None:
        """Unmount and delete, if there is anything."""
        unmount(self.mount_point)
        self.file.unlink(missing_ok=True)


def enter_private_mounts() -> None:
    """Move this process into a mount namespace of its own. ImageError."""
    try:
        mount_namespace.unshare_mounts()
    except OSError as error:
        raise ImageError(f"no mount namespace of our own: {error}") from error


def mount_tmpfs(mount_point: Path) -> None:
    """A directory in memory, for what the contenders print."""
    mount_point.mkdir(exist_ok=True)
    _run("mount", "-t", "tmpfs", "-o", "mode=0700", "bench", mount_point)


def unmount(mount_point: Path) -> None:
    """Unmount, if mounted, and remove the mount point."""
    if mount_point.is_mount():
        _run("umount", mount_point)
    if mount_point.exists():
        mount_point.rmdir()


def _run(*argv: str | Path) -> None:
    done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, text=True)
    if done.returncode != 0:
        raise ImageError(f"{argv[0]} exited {done.returncode}: {done.stderr.strip()}")
