"""References in file names and symbolic links: a unit's file is named after its device, a link
points to it."""

import os
from contextlib import suppress

from drdwrap.boot.open_without_links import directory_of
from drdwrap.boot.references.in_text import References
from drdwrap.paths.arithmetic import parent


def link_target(root: bytes, path: bytes) -> bytes:
    """Where the symbolic link at `path` points to. OSError."""
    with directory_of(root, path) as directory:
        return os.readlink(path.rpartition(b"/")[2], dir_fd=directory)


def retarget(root: bytes, path: bytes, target: bytes) -> None:
    """Make the symbolic link at `path` point to `target`, and keep its owner and attributes.
    OSError."""
    name = path.rpartition(b"/")[2]
    new = b".drdwrap-" + name[:200]
    with directory_of(root, path) as directory:
        status = os.stat(name, dir_fd=directory, follow_symlinks=False)
        here = b"/proc/self/fd/%d/" % directory
        with suppress(FileNotFoundError):
            os.unlink(new, dir_fd=directory)
        os.symlink(target, new, dir_fd=directory)
        os.chown(new, status.st_uid, status.st_gid, dir_fd=directory, follow_symlinks=False)
        for attribute in os.listxattr(here + name, follow_symlinks=False):
            value = os.getxattr(here + name, attribute, follow_symlinks=False)
            os.setxattr(here + new, attribute, value, follow_symlinks=False)
        os.rename(new, name, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)


def rename(root: bytes, path: bytes, references: References) -> bytes:
    """Mend the last component of `path`, and return the new path; the old one if nothing is to be
    mended or the new name is taken. OSError."""
    old = path.rpartition(b"/")[2]
    new = references.mended(old)
    if new == old or b"/" in new:
        return path
    with directory_of(root, path) as directory:
        if new in map(os.fsencode, os.listdir(directory)):
            return path
        os.rename(old, new, src_dir_fd=directory, dst_dir_fd=directory)
        os.fsync(directory)
    return parent(path) + b"/" + new
