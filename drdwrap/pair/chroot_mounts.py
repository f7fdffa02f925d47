"""What programs in a chroot on the clone need of the running system, mounted there."""

import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager

from drdwrap.linux import directories, process, syscalls
from drdwrap.linux.mountinfo import is_mount_point, mounts
from drdwrap.pair.mounting import prepare_mount_point
from drdwrap.paths.arithmetic import absolute

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
    # Programs leave their locks and PIDs in /run. None of that belongs on the clone.
    (b"run", b"tmpfs", syscalls.MS_NOSUID | syscalls.MS_NODEV, b"mode=755"),
)
"""The kernel's file systems: path, type, flags and options of each.

All of these are new mounts. A bind mount of the running system's own would pass its unmounting on
to that; if it were made private, it would stay behind in the namespaces of services that start
meanwhile.

UEFI's variables (efivarfs) are left out: an upgrade of GRUB would make the machine boot the clone
from then on. Without them grub-install warns and goes on.
"""
_ONLY_IF_BOOTED_HAS_IT = frozenset({b"selinuxfs"})
_UDEV = b"run/udev"
"""Without udev's database LVM's programs wait for it, ten seconds for each device."""


def mount_kernel(root: bytes) -> None:
    """Let programs in a chroot at `root` see devices, processes and the kernel's own files.

    DrdwrapError if the clone has no directory for one (a link, say); OSError.
    """
    booted = mounts()
    for name, kind, flags, options in _KERNEL:
        if kind in _ONLY_IF_BOOTED_HAS_IT and not is_mount_point(absolute(b"/", name), booted):
            continue
        target = absolute(root, name)
        if b"/" not in name:
            prepare_mount_point(root, name, make=False)
        else:  # within a file system that was just mounted
            directories.make(target, 0o755)
        syscalls.mount(kind, target, kind, flags, options)
    if os.path.isdir(absolute(b"/", _UDEV)):
        os.mkdir(absolute(root, _UDEV), 0o755)
        syscalls.mount(absolute(b"/", _UDEV), absolute(root, _UDEV), b"none", syscalls.MS_BIND)


@contextmanager
def hidden_programs(paths: Sequence[bytes]) -> Iterator[None]:
    """Let nothing be run at these paths (absolute) for the length of the context."""
    with ExitStack() as stack:
        for path in paths:
            syscalls.mount(b"/dev/null", path, b"none", syscalls.MS_BIND)
            stack.callback(process.run, "umount", [path], hold_lock=False)
        yield
