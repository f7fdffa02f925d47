"""Linux calls that Python 3.11 does not have: unshare(2), setns(2), prctl(2), mount(2), umount2(2),
pivot_root(2), syncfs(2), sync_file_range(2), statx(2) and renameat2(2)."""

import ctypes
import os
import signal
import sys
from functools import cache

CLONE_FS = 0x00000200
CLONE_NEWNS = 0x00020000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWPID = 0x20000000
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
RENAME_NOREPLACE = 0x1
RENAME_EXCHANGE = 0x2
STATX_ATTR_ENCRYPTED = 0x800
_AT_FDCWD = -100
_AT_SYMLINK_NOFOLLOW = 0x100
_AT_NO_AUTOMOUNT = 0x800
_ST_NOSYMFOLLOW = 0x2000
_MNT_DETACH = 0x2
_UMOUNT_NOFOLLOW = 0x8
_SYNC_FILE_RANGE_WRITE = 0x2
_PR_SET_PDEATHSIG = 1


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)


def _check(result: int, what: bytes) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), os.fsdecode(what))


def unshare(flags: int) -> None:
    """unshare(2). OSError (EPERM) without CAP_SYS_ADMIN."""
    _check(_libc().unshare(flags), b"unshare")


def setns(namespace: int, kind: int) -> None:
    """setns(2). OSError (EINVAL) while the process has threads."""
    _check(_libc().setns(namespace, kind), b"setns")


def die_with_parent() -> None:
    """Let the kernel kill this process when its parent ends (PR_SET_PDEATHSIG). OSError."""
    _check(_libc().prctl(_PR_SET_PDEATHSIG, ctypes.c_ulong(signal.SIGKILL), 0, 0, 0), b"prctl")


def mount(source: bytes, target: bytes, kind: bytes, flags: int, options: bytes = b"") -> None:
    """mount(2). OSError names the target."""
    _check(
        _libc().mount(source, target, kind, ctypes.c_ulong(flags), options or None),
        target,
    )


def unmount(target: bytes) -> None:
    """umount2(2), never lazily and through no link. OSError names the target."""
    _check(_libc().umount2(target, _UMOUNT_NOFOLLOW), target)


def detach(target: bytes) -> None:
    """Unmount everything at `target` and below it, even if it is in use (MNT_DETACH). Only for a
    private mount namespace: a busy clone would be hidden. OSError names the target."""
    _check(_libc().umount2(target, _UMOUNT_NOFOLLOW | _MNT_DETACH), target)


def change_root(root: bytes) -> None:
    """Make the mount point `root` the root of the mount namespace, and leave the old root out of
    it (pivot_root(2)): from then on no path leads there. OSError."""
    os.chdir(root)
    _check(_libc().pivot_root(b".", b"."), root)
    detach(b".")
    os.chdir("/")


def prctl(option: int, value: int, more: object = 0) -> int:
    """prctl(2) with two arguments; returns what it returns. OSError."""
    result = int(_libc().prctl(option, ctypes.c_ulong(value), more, 0, 0))
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), "prctl")
    return result


def follows_no_links(target: bytes) -> bool:
    """Whether the mount at `target` has MS_NOSYMFOLLOW. Kernels before 5.10 do not know the flag,
    and ignore it."""
    return bool(os.statvfs(target).f_flag & _ST_NOSYMFOLLOW)


def syncfs(path: bytes) -> None:
    """Write the whole file system that holds the directory `path` to its disk. OSError if a write
    failed."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        _check(_libc().syncfs(descriptor), path)
    finally:
        os.close(descriptor)


def begin_to_write(descriptor: int, start: int, size: int) -> None:
    """Start to write these bytes of a file to the disk, without waiting: sync_file_range(2).

    Only fsync(2) makes sure that they get there.
    """
    _libc().sync_file_range(
        descriptor, ctypes.c_int64(start), ctypes.c_int64(size), _SYNC_FILE_RANGE_WRITE
    )


def rename(old: bytes, new: bytes, flags: int) -> None:
    """renameat2(2): with RENAME_NOREPLACE nothing is overwritten (FileExistsError), with
    RENAME_EXCHANGE the two change places. OSError names both paths."""
    if _libc().renameat2(_AT_FDCWD, old, _AT_FDCWD, new, ctypes.c_uint(flags)) != 0:
        number = ctypes.get_errno()
        names = os.fsdecode(old), None, os.fsdecode(new)
        raise OSError(number, os.strerror(number), *names)


def statx_attributes(path: bytes) -> int:
    """The file attributes that statx(2) tells (`stx_attributes`) of what is at `path` itself, even
    if that is a link. OSError names the path."""
    found = ctypes.create_string_buffer(256)
    flags = _AT_SYMLINK_NOFOLLOW | _AT_NO_AUTOMOUNT
    _check(_libc().statx(_AT_FDCWD, path, flags, 0, found), path)
    return int.from_bytes(found.raw[8:16], sys.byteorder)
