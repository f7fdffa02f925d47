"""A private mount namespace: no other process sees what this one mounts there.

What the other processes unmount is unmounted there as well (mount_namespaces(7), slave mounts): a
copy of a mount would keep the file system in use, so its device could be neither closed nor pulled
out. Mounts that are private in the namespace above, as they are where no systemd has made them
shared, pass nothing on. Those stay in use until the namespace is left.
"""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from drdwrap.linux import mountinfo, syscalls
from drdwrap.linux.syscalls import (
    CLONE_FS,
    CLONE_NEWNS,
    MS_BIND,
    MS_PRIVATE,
    MS_REC,
    MS_SLAVE,
    mount,
)
from drdwrap.paths.arithmetic import absolute

_ATTEMPTS = 5000
"""How many times the way back is tried, a millisecond apart."""


def unshare_mounts() -> None:
    """Move the process to a mount namespace of its own: no other process sees what this one mounts.
    What others mount and unmount reaches it. OSError (EPERM) without CAP_SYS_ADMIN.

    In a chroot whose root is not a mount point, mount(2) has nothing to change. Then this is done
    from the namespace's own root.
    """
    syscalls.unshare(CLONE_NEWNS)
    try:
        _seal()
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        with _here() as (namespace, root, directory):
            syscalls.setns(namespace, CLONE_NEWNS)
            try:
                _seal()
            finally:
                _join_mounts(namespace, root, directory)


def _seal() -> None:
    mount(b"none", b"/", b"none", MS_REC | MS_SLAVE)


def bind_privately(source: bytes, target: bytes) -> None:
    """Bind mount the file system at `source`, without the mounts below it, at `target`. Nothing
    that others mount or unmount later changes what is seen there. OSError.

    As long as this process does not make it private, the bind mount follows its original: what is
    mounted below that would be mounted in it too. Such a mount is taken off again.
    """
    mount(source, target, b"none", MS_BIND)
    mount(b"none", target, b"none", MS_PRIVATE)
    for point in reversed(mountinfo.below(target, mountinfo.mounts())):
        syscalls.unmount(absolute(target, point))


@contextmanager
def private_mounts() -> Iterator[None]:
    """A private mount namespace (see `unshare_mounts`) for the length of the context.

    PermissionError without CAP_SYS_ADMIN, here or in the user namespace that owns the mounts: a
    process in a user namespace below that one could leave its mount namespace but not come back.
    """
    with _here() as places:
        # setns(2) fails while another thread (of a progress bar) shares root and directory.
        syscalls.unshare(CLONE_FS)
        _join_mounts(*places)
        try:
            unshare_mounts()
            yield
        finally:
            _join_mounts(*places)


@contextmanager
def _here() -> Iterator[tuple[int, int, int]]:
    """Descriptors of the mount namespace, the root and the working directory, to come back to."""
    flags = os.O_RDONLY | os.O_CLOEXEC
    places = (os.open("/proc/self/ns/mnt", flags), os.open("/", flags), os.open(".", flags))
    try:
        yield places
    finally:
        for descriptor in places:
            os.close(descriptor)


def _join_mounts(namespace: int, root: int, directory: int) -> None:
    """Go back to a mount namespace, and to the root and the working directory there.

    setns(2) fails with EINVAL while the process has threads. Those of the library sh take a moment
    to leave the kernel after their program has ended, and neither sh nor Python's `join` waits for
    that: so this tries again each millisecond. OSError after 5 s.

    setns also moves the process to the namespace's root. In a chroot it was not there before.
    """
    for _ in range(_ATTEMPTS):
        try:
            syscalls.setns(namespace, CLONE_NEWNS)
            break
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            time.sleep(0.001)
    else:
        syscalls.setns(namespace, CLONE_NEWNS)
    if not os.path.samestat(os.fstat(root), os.stat("/")):
        os.fchdir(root)
        os.chroot(".")
    os.fchdir(directory)
