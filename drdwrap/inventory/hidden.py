"""What one lstat does not show: contents, ACLs and attributes, link targets, device numbers.

Only looked at where a change time says that something moved, or where two files that drdwrap has
no record of look alike.
"""

import errno
import hashlib
import os
import stat

_CHUNK = 1 << 20

XFS_ACLS = ("trusted.SGI_ACL_FILE", "trusted.SGI_ACL_DEFAULT")
"""XFS shows root each ACL under these names too: no attributes of their own, and to remove one is
to remove the ACL."""

BTRFS_PROPERTIES = "btrfs."
"""What begins so (`btrfs.compression`) is a file's setting as those of chattr(1) are, and no other
file system takes it."""

_IGNORED = frozenset({"user.drdwrap", "trusted.drdwrap", *XFS_ACLS})


def hidden_difference(booted: bytes, clone: bytes, contents: bool = True) -> str:
    """What differs between two existing files of the same type that lstat does not show.

    The empty string when nothing does; otherwise `contents`, `attributes`, `link target` or
    `device number`. With `contents` false a regular file's contents are not compared. OSError when
    either cannot be read (it vanished, or an I/O error): then nothing is known.
    """
    status = os.lstat(booted)
    other = os.lstat(clone)
    if stat.S_IFMT(status.st_mode) != stat.S_IFMT(other.st_mode):
        return "type"
    if stat.S_ISLNK(status.st_mode) and os.readlink(booted) != os.readlink(clone):
        return "link target"
    if status.st_rdev != other.st_rdev:
        return "device number"
    if attributes(booted) != attributes(clone):
        return "attributes"
    if contents and stat.S_ISREG(status.st_mode) and not same_contents(booted, clone):
        return "contents"
    return ""


def attributes(path: bytes) -> dict[str, bytes]:
    """All extended attributes of `path`, ACLs among them, without drdwrap's own marker.

    Empty where the file system has none. OSError when they cannot be read.
    """
    try:
        names = os.listxattr(path, follow_symlinks=False)
        return {
            name: os.getxattr(path, name, follow_symlinks=False)
            for name in names
            if name not in _IGNORED and not name.startswith(BTRFS_PROPERTIES)
        }
    except OSError as error:
        if error.errno == errno.EOPNOTSUPP:
            return {}
        raise


def digests(path: bytes) -> frozenset[bytes]:
    """A digest of each of the attributes of `path`, name and value. OSError as above."""
    return frozenset(
        hashlib.sha256(os.fsencode(name) + b"\0" + value).hexdigest().encode()
        for name, value in attributes(path).items()
    )


def same_contents(one: bytes, other: bytes) -> bool:
    """Whether two regular files have the same bytes. Links are not followed. OSError as above."""
    first = _open(one)
    try:
        second = _open(other)
    except OSError:
        os.close(first)
        raise
    try:
        if os.fstat(first).st_size != os.fstat(second).st_size:
            return False
        while chunk := os.read(first, _CHUNK):
            if chunk != os.read(second, _CHUNK):
                return False
        return not os.read(second, 1)
    finally:
        os.close(first)
        os.close(second)


def _open(path: bytes) -> int:
    # O_NONBLOCK: never wait for a FIFO that took the file's place. Without O_NOATIME, which only
    # the owner and root may use, reading would change what is read.
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    try:
        return os.open(path, flags | os.O_NOATIME)
    except PermissionError:
        return os.open(path, flags)
