"""The closer look at two files: what lstat does not show. That is contents, ACLs and attributes,
link targets, device numbers.

It is taken only if a change time shows that something changed, or if two files without a record
look alike.
"""

import errno
import hashlib
import os
import stat

from drdwrap.linux import run_note, safe_file
from drdwrap.linux.holes import stretches_of_data

XFS_ACLS = ("trusted.SGI_ACL_FILE", "trusted.SGI_ACL_DEFAULT")
"""XFS shows each ACL to root under these names too. They are not attributes: to remove one is to
remove the ACL."""

BTRFS_PROPERTIES = "btrfs."
"""An attribute that begins with this (`btrfs.compression`) is a setting like those of chattr(1). No
other file system accepts it."""

MARKER_NAMES = ("user.drdwrap", "trusted.drdwrap")
"""drdwrap's own attribute of the clone's root directory (see `record.marker`). The second name is
for file systems without user attributes (tmpfs of older kernels)."""

_IGNORED = frozenset({*MARKER_NAMES, *XFS_ACLS})


def hidden_difference(booted: bytes, clone: bytes, contents: bool = True) -> str:
    """The first difference between two existing files that lstat does not show.

    `link target`, `device number`, `attributes` or `contents`; `type` if they are not of the same
    type; the empty string if there is no difference. Without `contents` the contents of regular
    files are not compared. OSError if one cannot be read (it vanished, or an I/O error).
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
    """All extended attributes of `path`, including ACLs, without drdwrap's own.

    Empty if the file system has none. OSError if they cannot be read.
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


def same_attributes(one: bytes, other: bytes) -> bool:
    """Whether two paths have the same attributes. OSError as `attributes`.

    Most files have none: then a list of names for each is all that is asked for.
    """
    try:
        lists = (os.listxattr(path, follow_symlinks=False) for path in (one, other))
        if not any([*lists]):
            return True
    except OSError as error:
        if error.errno != errno.EOPNOTSUPP:
            raise
    return attributes(one) == attributes(other)


def digests(path: bytes) -> frozenset[bytes]:
    """A digest of the name and value of each attribute of `path`. OSError as `attributes`."""
    return frozenset(
        hashlib.sha256(os.fsencode(name) + b"\0" + value).hexdigest().encode()
        for name, value in attributes(path).items()
    )


def same_contents(one: bytes, other: bytes) -> bool:
    """Whether two regular files have the same bytes. Links are not followed. OSError."""
    first = _open(one)
    try:
        second = _open(other)
    except OSError:
        os.close(first)
        raise
    try:
        size = os.fstat(first).st_size
        if size != os.fstat(second).st_size:
            return False
        for start, end in stretches_of_data(size, first, second):
            run_note.moved()
            if os.pread(first, end - start, start) != os.pread(second, end - start, start):
                return False
        return size == os.fstat(first).st_size == os.fstat(second).st_size
    finally:
        os.close(first)
        os.close(second)


def _open(path: bytes) -> int:
    # Only the owner and root may use O_NOATIME. Without it, reading changes the access time.
    try:
        return safe_file.open_to_read(path, os.O_NOATIME)
    except PermissionError:
        return safe_file.open_to_read(path)
