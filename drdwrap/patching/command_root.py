"""What the command sees: the clone as its root, and around it as little as it needs.

All of it is mounted in the command's own mount namespace, and ends with it. Nothing is written to
the clone for it, except empty files to mount on (see `record.patching_note`).
"""

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.linux import directories, mountinfo, syscalls
from drdwrap.linux.syscalls import (
    MS_BIND,
    MS_NODEV,
    MS_NOEXEC,
    MS_NOSUID,
    MS_RDONLY,
    MS_REC,
    MS_REMOUNT,
)
from drdwrap.pair.mounting import prepare_mount_point
from drdwrap.patching.devices import HARMLESS, Nodes
from drdwrap.paths.arithmetic import absolute

_TEMPORARY = ((b"run", b"mode=755"), (b"tmp", b"mode=1777"), (b"var/tmp", b"mode=1777"))
_DATA = MS_NOSUID | MS_NODEV | MS_NOEXEC
_PROC_READ_ONLY = (b"sys", b"sysrq-trigger", b"irq", b"bus", b"fs", b"acpi", b"scsi")
"""What of /proc changes the whole machine when it is written to."""

_UDEV = b"run/udev/data"
"""Without udev's database LVM's programs wait for it, ten seconds for each device. (The directory
above it has the socket by which udev is told what to do.)"""

FILES = b"run/drdwrap"
"""Where drdwrap's own files lie."""


@dataclass(frozen=True)
class FileContent:
    """A file that the command sees at `path` (relative to the root)."""

    path: bytes
    content: bytes
    mode: int = 0o644


@dataclass(frozen=True)
class CommandRoot:
    """What the command is to see. `root` is where the clone is mounted, `mount_points` are those of
    its own file systems below that (relative, outermost first, without the root)."""

    root: bytes
    mount_points: Sequence[bytes]
    nodes: Nodes
    device_mapper: str
    """`major:minor` of the device mapper's control device, or empty."""
    covered: Sequence[FileContent]
    """Files that are put over others: at each of these paths (real) there is a file."""
    made: Sequence[FileContent]
    """Files to make below the new /run."""

    def enter(self) -> None:
        """Mount everything, and make the clone the root. To be called in a new mount namespace.
        OSError; DrdwrapError if the clone has no directory for a mount."""
        syscalls.mount(b"none", b"/", b"none", MS_REC | syscalls.MS_SLAVE)
        self._seal_clone()
        self._mount_temporary()
        self._mount_dev()
        self._mount_proc_and_sys()
        for file in self.made:
            path = absolute(self.root, file.path)
            directories.make(os.path.dirname(path), 0o755)
            _write(path, file)
        for number, covered in enumerate(self.covered):
            self._cover(covered, b"%d" % number)
        syscalls.change_root(self.root)

    def _seal_clone(self) -> None:
        """The clone's file systems and nothing else below its root; no device node on them works,
        since a script can make one of the booted disk."""
        if not mountinfo.is_mount_point(self.root, mountinfo.mounts()):
            syscalls.mount(self.root, self.root, b"none", MS_BIND)
        for point in reversed(mountinfo.below(self.root, mountinfo.mounts())):
            if point not in self.mount_points:
                syscalls.detach(absolute(self.root, point))
        for point in (b"", *self.mount_points):
            target = absolute(self.root, point)
            syscalls.mount(b"none", target, b"none", MS_REMOUNT | MS_BIND | MS_NODEV)

    def _mount_temporary(self) -> None:
        udev = absolute(b"/", _UDEV)
        for name, options in _TEMPORARY:
            self._mount(name, b"tmpfs", MS_NOSUID | MS_NODEV, options)
        for name, mode in ((b"run/lock", 0o1777), (FILES, 0o755)):
            os.mkdir(absolute(self.root, name))
            os.chmod(absolute(self.root, name), mode)
        if os.path.isdir(udev):
            target = absolute(self.root, _UDEV)
            directories.make(target, 0o755)
            syscalls.mount(udev, target, b"none", MS_BIND)
            _make_read_only(target, _DATA)

    def _mount_dev(self) -> None:
        self._mount(b"dev", b"tmpfs", MS_NOSUID | MS_NOEXEC, b"mode=755")
        dev = absolute(self.root, b"dev")
        for name in (b"pts", b"shm", b"mapper"):
            os.mkdir(absolute(dev, name))
        for harmless, major, minor in HARMLESS:
            _make_node(absolute(dev, os.fsencode(harmless)), stat.S_IFCHR | 0o666, major, minor)
        if self.device_mapper:
            control = absolute(dev, b"mapper/control")
            _make_node(control, stat.S_IFCHR | 0o600, *map(int, self.device_mapper.split(":")))
        for name, number in self.nodes.nodes:
            node = absolute(dev, name)
            directories.make(os.path.dirname(node), 0o755)
            _make_node(node, stat.S_IFBLK | 0o660, *map(int, number.split(":")))
        standard = ((b"stdin", b"0"), (b"stdout", b"1"), (b"stderr", b"2"))
        links = [
            (b"fd", b"/proc/self/fd"),
            (b"ptmx", b"pts/ptmx"),
            *((name, b"/proc/self/fd/" + number) for name, number in standard),
        ]
        for name, target in (*links, *self.nodes.links):
            path = absolute(dev, name)
            directories.make(os.path.dirname(path), 0o755)
            if not os.path.lexists(path):
                os.symlink(target, path)
        syscalls.mount(
            b"devpts",
            absolute(dev, b"pts"),
            b"devpts",
            MS_NOSUID | MS_NOEXEC,
            b"gid=5,mode=620,ptmxmode=666",
        )
        syscalls.mount(
            b"tmpfs", absolute(dev, b"shm"), b"tmpfs", MS_NOSUID | MS_NODEV, b"mode=1777"
        )
        _make_read_only(dev, MS_NOSUID | MS_NOEXEC)

    def _mount_proc_and_sys(self) -> None:
        self._mount(b"proc", b"proc", _DATA)
        for name in _PROC_READ_ONLY:
            path = absolute(self.root, b"proc/" + name)
            if os.path.exists(path):
                syscalls.mount(path, path, b"none", MS_BIND)
                _make_read_only(path, _DATA)
        self._mount(b"sys", b"sysfs", _DATA)
        _make_read_only(absolute(self.root, b"sys"), _DATA)

    def _mount(self, name: bytes, kind: bytes, flags: int, options: bytes = b"") -> None:
        prepare_mount_point(self.root, name, make=False)
        syscalls.mount(kind, absolute(self.root, name), kind, flags, options)

    def _cover(self, covered: FileContent, name: bytes) -> None:
        here = absolute(self.root, FILES + b"/" + name)
        _write(here, covered)
        syscalls.mount(here, absolute(self.root, covered.path), b"none", MS_BIND)


def _make_node(path: bytes, mode: int, major: int, minor: int) -> None:
    os.mknod(path, mode, os.makedev(major, minor))
    os.chmod(path, mode & 0o777)  # whatever the umask is


def _write(path: bytes, wanted: FileContent) -> None:
    with open(path, "wb") as file:
        file.write(wanted.content)
        os.fchmod(file.fileno(), wanted.mode)


def _make_read_only(target: bytes, flags: int) -> None:
    syscalls.mount(b"none", target, b"none", MS_REMOUNT | MS_BIND | MS_RDONLY | flags)
