"""Mount the clone's file systems below one directory that only root can enter, and unmount them."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from drdwrap import linux, process, signals
from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.escape import for_screen
from drdwrap.volumes.mountinfo import is_mount_point, mounts
from drdwrap.volumes.pair import absolute

GUARDED = "nosuid,nodev,noexec"
"""How the clone is mounted: it is data until it is booted."""

FOR_PROGRAMS = "suid,dev,exec"
"""How it is mounted so that programs run in it."""

_KERNEL = (b"dev", b"proc", b"sys")
"""What programs in a chroot need of the running system, bind mounted with all below it."""
_UDEV = b"run/udev"
"""Without udev's database LVM's programs wait for it, ten seconds for each device."""


@dataclass(frozen=True)
class FileSystem:
    """One file system to mount: the device, and where below the clone's root (relative)."""

    device: str
    mount_point: bytes


def mount(
    systems: Sequence[FileSystem], root: bytes, options: str, *, make_directories: bool = False
) -> None:
    """Mount these file systems, in their order, the first of them at `root` (absolute).

    A mount point must be a directory of the clone, reached through none of its links;
    `make_directories` makes those that are missing. ProgramError or DrdwrapError where one cannot
    be mounted: then none of them is.
    """
    done: list[bytes] = []
    try:
        for system in systems:
            _prepare(root, system.mount_point, make=make_directories)
            target = absolute(root, system.mount_point)
            with signals.deferred():
                process.run("mount", ["-o", options, system.device, target], hold_lock=False)
                done.append(target)
                # What is mounted below it is then seen in no other namespace, and what is unmounted
                # there is unmounted nowhere else.
                linux.mount(b"none", target, b"none", linux.MS_PRIVATE)
    except BaseException:
        for target in reversed(done):
            process.run("umount", [target], hold_lock=False)
        raise


def bind_kernel(root: bytes) -> None:
    """Let programs in a chroot at `root` see devices, processes and the kernel's own files.

    The binds are private: unmounting them unmounts nothing of the running system's. DrdwrapError
    where the clone has no directory for one, but a link, say.
    """
    for name in (*_KERNEL, b"run"):
        _prepare(root, name, make=False)
    for name in _KERNEL:
        _bind(name, root)
    # Programs leave their locks and PIDs there, and none of it on the clone.
    linux.mount(b"none", absolute(root, b"run"), b"tmpfs", linux.MS_NOSUID | linux.MS_NODEV)
    if os.path.isdir(absolute(b"/", _UDEV)):
        os.makedirs(absolute(root, _UDEV))
        _bind(_UDEV, root)


def _bind(name: bytes, root: bytes) -> None:
    target = absolute(root, name)
    with signals.deferred():
        linux.mount(absolute(b"/", name), target, b"none", linux.MS_BIND | linux.MS_REC)
        linux.mount(b"none", target, b"none", linux.MS_PRIVATE | linux.MS_REC)


def unmount(root: bytes) -> None:
    """Unmount all that is mounted at and below `root`, innermost first; never lazily.

    DrdwrapError that names who keeps it busy; what is unmounted by then stays so.
    """
    points = mount_points(root)
    if is_mount_point(root, mounts()):
        # An administrator's own recursive bind of /dev, say, is shared with the original: unmounted
        # as it is, it would take /dev/pts from the running system.
        linux.mount(b"none", root, b"none", linux.MS_PRIVATE | linux.MS_REC)
    for point in points:
        try:
            process.run("umount", [point], hold_lock=False)
        except ProgramError as error:
            raise DrdwrapError(
                f"{for_screen(point)} cannot be unmounted: {error.message}", _busy(point)
            ) from error


def mount_points(root: bytes) -> list[bytes]:
    """All that is mounted at and below `root`, each time it is, in the order to unmount it."""
    points = [one.mount_point for one in mounts()]
    found = [point for point in points if point == root or point.startswith(root + b"/")]
    return sorted(found, key=lambda point: point.count(b"/"), reverse=True)


def _prepare(root: bytes, mount_point: bytes, *, make: bool) -> None:
    if not mount_point:
        os.makedirs(os.path.dirname(root), mode=0o700, exist_ok=True)
        os.makedirs(root, mode=0o700, exist_ok=True)
        if os.stat(os.path.dirname(root)).st_mode & 0o077:
            raise DrdwrapError(
                f"others than root can enter {for_screen(os.path.dirname(root))}, and would find"
                " the clone there, its old programs that run as root included",
                "name another clone.root, or take their rights: chmod 700",
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
                f" {for_screen(path)} is none",
                "if the clone was never filled, 'drdwrap clone' does that; else make it there",
            )


def holders(point: bytes) -> list[tuple[int, str]]:
    """The processes that keep what is mounted at `point` busy: PID and name.

    Those that work in it, run from it, have a file of it open or mapped. Only the names of what
    they have are read, so that none of it (a dead network mount, say) is waited for.
    """
    found = []
    for name in filter(bytes.isdigit, os.listdir(b"/proc")):
        if _uses(b"/proc/" + name, point):
            try:
                with open(b"/proc/" + name + b"/comm", "rb") as file:
                    found.append((int(name), for_screen(file.read().strip())))
            except OSError:  # it has ended
                continue
    return sorted(found)


def _uses(process_directory: bytes, point: bytes) -> bool:
    links = [absolute(process_directory, name) for name in (b"cwd", b"root", b"exe")]
    for directory in (b"fd", b"map_files"):
        with suppress(OSError):
            links += [entry.path for entry in os.scandir(absolute(process_directory, directory))]
    for link in links:
        with suppress(OSError):
            path = os.readlink(link)
            if path == point or path.startswith(point + b"/"):
                return True
    return False


def _busy(point: bytes) -> str:
    held = holders(point)
    if not held:
        return "something that is no process keeps it busy: a loop device, or a mount elsewhere"
    names = ", ".join(f"{name} (PID {pid})" for pid, name in held[:5])
    return f"end what works there first: {names}{', ...' if len(held) > 5 else ''}"


@contextmanager
def mounted_privately(
    systems: Sequence[FileSystem], root: bytes, options: str, *, make_directories: bool = False
) -> Iterator[None]:
    """The same for the length of the context, where no other process sees it.

    So a kill leaves nothing mounted.
    """
    with linux.private_mounts():
        linux.mount(b"none", b"/", b"none", linux.MS_REC | linux.MS_PRIVATE)
        mount(systems, root, options, make_directories=make_directories)
        try:
            yield
        finally:
            unmount(root)
