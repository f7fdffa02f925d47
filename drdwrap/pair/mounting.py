"""Mount the clone's file systems below one directory that only root can enter, and unmount them."""

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import mount_namespace, process, signals, syscalls
from drdwrap.linux.mountinfo import is_mount_point, mounts
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

GUARDED = "nosuid,nodev,noexec"
"""How the clone is mounted: it is data until it is booted."""

FOR_PROGRAMS = "suid,dev,exec"
"""How it is mounted so that programs run in it."""

_NO_PROGRAMS = syscalls.MS_NOSUID | syscalls.MS_NODEV | syscalls.MS_NOEXEC
_KERNEL = (
    (b"dev", b"devtmpfs", syscalls.MS_NOSUID, b""),
    (
        b"dev/pts",
        b"devpts",
        syscalls.MS_NOSUID | syscalls.MS_NOEXEC,
        b"gid=5,mode=620,ptmxmode=666",
    ),
    (b"dev/shm", b"tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, b"mode=1777"),
    (b"proc", b"proc", _NO_PROGRAMS, b""),
    (b"sys", b"sysfs", _NO_PROGRAMS, b""),
    (b"sys/fs/selinux", b"selinuxfs", syscalls.MS_NOSUID | syscalls.MS_NOEXEC, b""),
    # Programs leave their locks and PIDs there, and none of it on the clone.
    (b"run", b"tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, b"mode=755"),
)
"""What programs in a chroot need of the running system: path, type, flags and options of each.

All are mounted anew. A bind of the running system's own would pass its unmounting on to it, or,
were it made private, be left behind in the namespaces of services that start meanwhile.

UEFI's variables (efivarfs) are not among it: an upgrade of GRUB would make the machine boot the
clone from then on. Without them grub-install warns, and goes on.
"""
_ONLY_WHERE_BOOTED = frozenset({b"selinuxfs"})
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
    `make_directories` makes those that are missing. DrdwrapError where one cannot be mounted: then
    none of them is.
    """
    done: list[bytes] = []
    try:
        for system in systems:
            _prepare(root, system.mount_point, make=make_directories)
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


def mount_kernel(root: bytes) -> None:
    """Let programs in a chroot at `root` see devices, processes and the kernel's own files.

    DrdwrapError where the clone has no directory for one, but a link, say; OSError.
    """
    present = mounts()
    for name, kind, flags, options in _KERNEL:
        if kind in _ONLY_WHERE_BOOTED and not is_mount_point(absolute(b"/", name), present):
            continue
        target = absolute(root, name)
        if b"/" not in name:
            _prepare(root, name, make=False)
        else:  # within what has just been mounted
            os.makedirs(target, exist_ok=True)
        syscalls.mount(kind, target, kind, flags, options)
    if os.path.isdir(absolute(b"/", _UDEV)):
        os.mkdir(absolute(root, _UDEV))
        syscalls.mount(absolute(b"/", _UDEV), absolute(root, _UDEV), b"none", syscalls.MS_BIND)


@contextmanager
def hidden(files: Sequence[bytes]) -> Iterator[None]:
    """Have nothing to run at these paths (absolute), for the length of the context."""
    with ExitStack() as stack:
        for path in files:
            syscalls.mount(b"/dev/null", path, b"none", syscalls.MS_BIND)
            stack.callback(process.run, "umount", [path], hold_lock=False)
        yield


def unmount(root: bytes) -> None:
    """Unmount all that is mounted at and below `root`, innermost first; never lazily.

    DrdwrapError that names who keeps it busy; what is unmounted by then stays so.
    """
    points = mount_points(root)
    table = mounts()
    # An administrator's own recursive bind of /dev, say, is shared with the original: unmounted as
    # it is, it would take /dev/pts from the running system.
    outside = {one.peers for one in table if one.mount_point not in points} - {None}
    for point in points:
        if any(one.mount_point == point and one.peers in outside for one in table):
            syscalls.mount(b"none", point, b"none", syscalls.MS_SLAVE)
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


def holders(point: bytes) -> list[str]:
    """The processes that keep what is mounted at `point` busy, as `name (PID ...)`.

    Those that work in it, run from it, have a file of it open or mapped. Only the names of what
    they have are read, so that none of it (a dead network mount, say) is waited for.
    """
    found = []
    for pid in sorted(map(int, filter(str.isdigit, os.listdir("/proc")))):
        if _uses(b"/proc/%d" % pid, point):
            with suppress(OSError):  # it has ended
                found.append(_named(pid))
    return found


def shown_elsewhere(device: str) -> str:
    """What to do about other mount namespaces that have `device` (a path) mounted; empty if none.

    A service that systemd isolates has one, a container has, and so has `unshare --mount`.
    """
    try:
        number = os.stat(device).st_rdev
    except OSError:
        return ""
    wanted = f"{os.major(number)}:{os.minor(number)}"
    seen = {os.readlink("/proc/self/ns/mnt")}
    names = []
    for pid in sorted(map(int, filter(str.isdigit, os.listdir("/proc")))):
        with suppress(OSError):  # it has ended
            namespace = os.readlink(f"/proc/{pid}/ns/mnt")
            if namespace in seen:
                continue
            seen.add(namespace)
            with open(f"/proc/{pid}/mountinfo", "rb") as file:
                if any(one.device == wanted for one in mounts(file.read())):
                    names.append(_named(pid))
    if not names:
        return ""
    return f"end or restart what has {device} mounted in a namespace of its own: {_few(names)}"


def _named(pid: int) -> str:
    with open(f"/proc/{pid}/comm", "rb") as file:
        return f"{for_screen(file.read().strip())} (PID {pid})"


def _few(names: list[str]) -> str:
    return ", ".join([*names[:5], "..."] if len(names) > 5 else names)


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
    return f"end what works there first: {_few(held)}"


@contextmanager
def mounted_privately(
    systems: Sequence[FileSystem], root: bytes, options: str, *, make_directories: bool = False
) -> Iterator[None]:
    """The same for the length of the context, where no other process sees it.

    So a kill leaves nothing mounted.
    """
    with mount_namespace.private_mounts():
        mount(systems, root, options, make_directories=make_directories)
        try:
            yield
        finally:
            unmount(root)
