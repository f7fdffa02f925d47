"""Mount the clone's file systems below a directory that only root can enter, and unmount them."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import directories, mount_namespace, other_processes, process, signals, syscalls
from drdwrap.linux.mountinfo import mounts
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

GUARDED = "nosuid,nodev,noexec"
"""Options to mount the clone with: it is data until it is booted."""

FOR_PROGRAMS = "suid,dev,exec"
"""Options to mount it with if programs are to run in it."""


@dataclass(frozen=True)
class FileSystem:
    """One file system to mount: its device, and its place below the clone's root (relative)."""

    device: str
    mount_point: bytes


def mount(
    systems: Sequence[FileSystem], root: bytes, options: str, *, make_directories: bool = False
) -> None:
    """Mount these file systems in their order, the first of them at `root` (absolute).

    A mount point must be a directory of the clone and not be reached through a link;
    `make_directories` makes missing ones. If one cannot be mounted, the others are unmounted again:
    DrdwrapError.
    """
    done: list[bytes] = []
    try:
        for system in systems:
            prepare_mount_point(root, system.mount_point, make=make_directories)
            target = absolute(root, system.mount_point)
            with signals.deferred():
                try:
                    process.run("mount", ["-o", options, system.device, target], hold_lock=False)
                except ProgramError as error:
                    raise ProgramError(error.message, shown_elsewhere(system.device)) from error
                done.append(target)
    except BaseException:
        for target in reversed(done):
            process.run("umount", [target], hold_lock=False)
        raise


@contextmanager
def mounted_privately(
    systems: Sequence[FileSystem], root: bytes, options: str, *, make_directories: bool = False
) -> Iterator[None]:
    """As `mount`, for the length of the context and seen by no other process.

    So a kill leaves nothing mounted.
    """
    with mount_namespace.private_mounts():
        mount(systems, root, options, make_directories=make_directories)
        try:
            yield
        finally:
            unmount(root)


def unmount(root: bytes) -> None:
    """Unmount everything that is mounted at and below `root`, innermost first; never lazily.

    If a file system is busy, DrdwrapError says which processes use it; those unmounted before stay
    unmounted.
    """
    points = mount_points(root)
    table = mounts()
    # An administrator's recursive bind mount of /dev, say, is shared with the original: unmounting
    # it as it is would also unmount /dev/pts of the running system.
    outside = {one.peers for one in table if one.mount_point not in points} - {None}
    for point in points:
        if any(one.mount_point == point and one.peers in outside for one in table):
            syscalls.mount(b"none", point, b"none", syscalls.MS_SLAVE)
    for point in points:
        try:
            process.run("umount", [point], hold_lock=False)
        except ProgramError as error:
            raise DrdwrapError(
                f"{for_screen(point)} cannot be unmounted: {error.message}", _in_use(point)
            ) from error


def mount_points(root: bytes) -> list[bytes]:
    """All mount points at and below `root`, in the order to unmount them. One at which several
    file systems are mounted is listed as often."""
    points = [one.mount_point for one in mounts()]
    found = [point for point in points if point == root or point.startswith(root + b"/")]
    return sorted(found, key=lambda point: point.count(b"/"), reverse=True)


def prepare_mount_point(root: bytes, mount_point: bytes, *, make: bool) -> None:
    """Make sure that `mount_point` (relative) is a directory of the clone at `root`.

    `make` makes it if it is missing; the root itself is always made. DrdwrapError if it is not a
    directory, is reached through a link, or if the root lies where others than root can enter.
    """
    if not mount_point:
        directories.make(os.path.dirname(root))
        directories.make(root)
        if os.stat(os.path.dirname(root)).st_mode & 0o077:
            raise DrdwrapError(
                f"others than root can enter {for_screen(os.path.dirname(root))}: they could run"
                " outdated setuid programs of the clone",
                "name another clone.root, or close the directory to others (chmod 700)",
            )
        return
    path = root
    for name in mount_point.split(b"/"):
        path = absolute(path, name)
        if make and not os.path.lexists(path):
            os.mkdir(path, 0o755)
        if not os.path.lexists(path) or not stat.S_ISDIR(os.lstat(path).st_mode):
            raise DrdwrapError(
                f"the clone has no directory to mount /{for_screen(mount_point)} at:"
                f" {for_screen(path)} is not a directory",
                "if the clone was never filled, run 'drdwrap clone'; otherwise make it there",
            )


def shown_elsewhere(device: str) -> str:
    """What to do about other mount namespaces in which `device` (a path) is mounted; empty if it is
    mounted in no other."""
    names = other_processes.with_mounts_of_their_own(device)
    if not names:
        return ""
    return f"end or restart what has {device} mounted in its own mount namespace: {_few(names)}"


def _in_use(point: bytes) -> str:
    """What to do about the file system at `point`, which is busy."""
    names = other_processes.using(point)
    if not names:
        return "no process uses it: look for a loop device on it, or for a mount of it elsewhere"
    return f"end the processes that use it first: {_few(names)}"


def _few(names: list[str]) -> str:
    return ", ".join([*names[:5], "..."] if len(names) > 5 else names)
