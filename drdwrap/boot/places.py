"""Where references live: below /etc, and where the boot loader reads.

Nothing is reached through a symbolic link, and no file system is entered but those of the clone:
/boot and the ESP, wherever it is mounted.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from drdwrap.paths.arithmetic import absolute, parent

_PLACES = (b"etc", b"boot", b"efi")
_FILE_SYSTEMS = frozenset((*_PLACES, b"boot/efi", b"boot/firmware"))

NOT_LOOKED_AT: tuple[tuple[str, str], ...] = (
    ("etc/lvm/archive", "LVM's history of the booted group"),
    ("etc/lvm/backup", "LVM's copy of the booted group's metadata, which is written anew"),
    ("etc/lvm/cache", "LVM's cache"),
    ("etc/lvm/devices/backup", "LVM's history of its devices file"),
    ("etc/blkid", "blkid's cache"),
    ("etc/blkid.tab", "blkid's cache"),
    ("etc/mdadm", "arrays are known by their own UUIDs, and one that is absent is no fault"),
    ("etc/mdadm.conf", "as above"),
    ("*/.git", "history"),
    ("*/.hg", "history"),
    ("*/.bzr", "history"),
    ("*~", "a copy that nothing reads"),
    ("*.bak", "as above"),
    ("*.old", "as above"),
    ("*.orig", "as above"),
    ("*.save", "as above"),
    ("*.dpkg-*", "as above"),
    ("*.ucf-*", "as above"),
    ("*.rpmnew", "as above"),
    ("*.rpmorig", "as above"),
    ("*.rpmsave", "as above"),
)
"""Shell patterns (`*` passes slashes), each with its reason."""

_LARGEST = 4 << 20
"""Bytes. What is read at boot is far smaller; what is larger is an image, a kernel's table of
symbols or a database."""


@dataclass(frozen=True)
class Place:
    """A name below the places, relative to the root."""

    path: bytes
    kind: Literal["file", "link", "directory"]


def places(root: bytes) -> Iterator[Place]:
    """All regular files, symbolic links and directories, sorted; what a directory has, before it.

    OSError when something cannot be read.
    """
    for top in _PLACES:
        try:
            yield from _below(root, top, os.lstat(root).st_dev)
        except (FileNotFoundError, NotADirectoryError):
            continue


def _below(root: bytes, directory: bytes, device: int) -> Iterator[Place]:
    with opened(root, directory, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        here = os.fstat(descriptor).st_dev
        if here != device and directory not in _FILE_SYSTEMS:
            return
        with os.scandir(descriptor) as entries:
            found = {os.fsencode(entry.name): _kind(entry) for entry in entries}
    for name, kind in sorted(found.items()):
        path = directory + b"/" + name
        if kind is None or _is_passed_over(path):
            continue
        if kind == "directory":
            yield from _below(root, path, here)
        yield Place(path, kind)


def _kind(entry: os.DirEntry[str]) -> Literal["file", "link", "directory"] | None:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "file" if entry.is_file(follow_symlinks=False) else None


def _is_passed_over(path: bytes) -> bool:
    text = path.decode("utf-8", "surrogateescape")
    return any(fnmatchcase(text, pattern) for pattern, _ in NOT_LOOKED_AT)


@contextmanager
def opened(root: bytes, path: bytes, flags: int) -> Iterator[int]:
    """A descriptor of `path` (relative), no part of which may be a symbolic link.

    OSError (ELOOP, ENOTDIR) if one is.
    """
    flags |= os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
    descriptor = os.open(root, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    names = path.split(b"/")
    try:
        for number, name in enumerate(names, 1):
            last = number == len(names)
            step = os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
            below = os.open(name, flags if last else step, dir_fd=descriptor)
            os.close(descriptor)
            descriptor = below
        yield descriptor
    except OSError as error:
        error.filename = absolute(root, path)
        raise
    finally:
        os.close(descriptor)


@contextmanager
def directory_of(root: bytes, path: bytes) -> Iterator[int]:
    """A descriptor of the directory that holds `path`."""
    with opened(root, parent(path), os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        yield descriptor


def text_of(descriptor: int) -> bytes | None:
    """The contents of an open file; None if it is no regular file, too large, or binary."""
    status = os.fstat(descriptor)
    if not stat.S_ISREG(status.st_mode) or status.st_size > _LARGEST:
        return None
    text = b""
    while part := os.pread(descriptor, _LARGEST if text else 8192, len(text)):
        if b"\0" in part:
            return None
        text += part
    return text
