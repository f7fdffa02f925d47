"""The Linux calls that Python 3.11 does not have: unshare(2), setns(2), mount(2), syncfs(2), and
sync_file_range(2)."""

import ctypes
import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

CLONE_FS = 0x00000200
CLONE_NEWNS = 0x00020000
MS_RDONLY = 0x1
MS_NOSUID = 0x2
MS_NODEV = 0x4
MS_NOEXEC = 0x8
MS_REMOUNT = 0x20
MS_NOSYMFOLLOW = 0x100
MS_BIND = 0x1000
MS_REC = 0x4000
MS_PRIVATE = 0x40000
MS_SLAVE = 0x80000
_ST_NOSYMFOLLOW = 0x2000
_SYNC_FILE_RANGE_WRITE = 0x2


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: bytes) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(what))


def unshare_mounts() -> None:
    """Move the process to a mount namespace of its own: what it mounts is seen nowhere else, and
    what others mount is not seen here. OSError (EPERM) without CAP_SYS_ADMIN.

    In a chroot whose root is no mount point, mount(2) finds nothing there to make private. That is
    done from the namespace's own root then.
    """
    _check(_libc().unshare(CLONE_NEWNS), b"unshare")
    try:
        _seal()
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
        with _here() as (namespace, root, directory):
            _check(_libc().setns(namespace, CLONE_NEWNS), b"setns")
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
        _check(_libc().unshare(CLONE_FS), b"unshare")
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
    for _ in range(5000):
        if _libc().setns(namespace, CLONE_NEWNS) == 0:
            break
        if ctypes.get_errno() != errno.EINVAL:
            _check(-1, b"setns")
        time.sleep(0.001)
    else:
        _check(-1, b"setns")
    if not os.path.samestat(os.fstat(root), os.stat("/")):
        os.fchdir(root)
        os.chroot(".")
    os.fchdir(directory)


def mount(source: bytes, target: bytes, kind: bytes, flags: int, options: bytes = b"") -> None:
    """mount(2). OSError names the target."""
    _check(
        _libc().mount(source, target, kind, ctypes.c_ulong(flags), options or None),
        target,
    )


def follows_no_links(target: bytes) -> bool:
    """Whether the mount at `target` has MS_NOSYMFOLLOW. Kernels before 5.10 take no notice of a
    flag that they do not know."""
    return bool(os.statvfs(target).f_flag & _ST_NOSYMFOLLOW)


def syncfs(path: bytes) -> None:
    """Write all of the file system that holds `path` to its disk. OSError if a write failed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _check(_libc().syncfs(descriptor), path)
    finally:
        os.close(descriptor)


def begin_to_write(descriptor: int, start: int, size: int) -> None:
    """Let these bytes of a file be on their way to the disk, without waiting: sync_file_range(2).

    Whether they get there only fsync(2) tells, as ever.
    """
    _libc().sync_file_range(
        descriptor, ctypes.c_int64(start), ctypes.c_int64(size), _SYNC_FILE_RANGE_WRITE
    )
