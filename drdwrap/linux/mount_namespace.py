"""A mount namespace of the process's own: what it mounts there is seen nowhere else."""

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager

from drdwrap.linux import syscalls
from drdwrap.linux.syscalls import CLONE_FS, CLONE_NEWNS, MS_PRIVATE, MS_REC, mount

_ATTEMPTS = 5000
"""How often, a millisecond apart, the way back is tried."""


def unshare_mounts() -> None:
    """Move the process to a mount namespace of its own: what it mounts is seen nowhere else, and
    what others mount is not seen here. OSError (EPERM) without CAP_SYS_ADMIN.

    In a chroot whose root is no mount point, mount(2) finds nothing there to make private. That is
    done from the namespace's own root then.
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
    mount(b"none", b"/", b"none", MS_REC | MS_PRIVATE)


@contextmanager
def private_mounts() -> Iterator[None]:
    """A mount namespace of the process's own (see `unshare_mounts`), for the length of the context.

    PermissionError without CAP_SYS_ADMIN, here or in the user namespace that has the mounts: from
    one below it there is a way into a mount namespace and none back.
    """
    with _here() as places:
        # setns(2) is refused while another thread (a progress bar's) shares root and directory.
        syscalls.unshare(CLONE_FS)
        _join_mounts(*places)
        try:
            unshare_mounts()
            yield
        finally:
            _join_mounts(*places)


@contextmanager
def _here() -> Iterator[tuple[int, int, int]]:
    """Open the mount namespace, the root and the working directory, to come back to."""
    flags = os.O_RDONLY | os.O_CLOEXEC
    places = (os.open("/proc/self/ns/mnt", flags), os.open("/", flags), os.open(".", flags))
    try:
        yield places
    finally:
        for descriptor in places:
            os.close(descriptor)


def _join_mounts(namespace: int, root: int, directory: int) -> None:
    """Go back to a mount namespace, and to the root and the working directory there.

    setns(2) refuses this with EINVAL while the process has threads. Those of a program that has
    ended (see `process`) are on their way out, so they are waited for: OSError after 5 s. It also
    makes the namespace's root the process's own, which in a chroot is not where it was.
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
