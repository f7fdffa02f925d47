"""Which paths are searched for references: those below /etc, and those that the boot loader reads.

No symbolic link is followed, and no other file system is entered except /boot and the ESP, wherever
it is mounted.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Literal

from drdwrap.boot.open_without_links import opened

_TOP = (b"etc", b"boot", b"efi")
_FILE_SYSTEMS = frozenset((*_TOP, b"boot/efi", b"boot/firmware"))

NOT_SEARCHED: tuple[tuple[str, str], ...] = (
    ("etc/lvm/archive", "LVM's history of the booted group"),
    ("etc/lvm/backup", "LVM's copy of the booted group's metadata, which LVM writes again"),
    ("etc/lvm/cache", "LVM's cache"),
    ("etc/lvm/devices/backup", "LVM's history of its devices file"),
    ("etc/blkid", "blkid's cache"),
    ("etc/blkid.tab", "blkid's cache"),
    ("etc/mdadm", "arrays are known by their own UUIDs, and a missing one does no harm"),
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
"""Shell patterns (`*` also matches slashes), each with its reason."""


@dataclass(frozen=True)
class SearchedPath:
    """A path to search, relative to the root."""

    path: bytes
    kind: Literal["file", "link", "directory"]


def searched_paths(root: bytes) -> Iterator[SearchedPath]:
    """All regular files, symbolic links and directories, sorted; the contents of a directory come
    before the directory. OSError when something cannot be read."""
    for top in _TOP:
        try:
            yield from _below(root, top, os.lstat(root).st_dev)
        except (FileNotFoundError, NotADirectoryError):
            continue


def _below(root: bytes, directory: bytes, device: int) -> Iterator[SearchedPath]:
    with opened(root, directory, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
        here = os.fstat(descriptor).st_dev
        if here != device and directory not in _FILE_SYSTEMS:
            return
        with os.scandir(descriptor) as entries:
            found = {os.fsencode(entry.name): _kind(entry) for entry in entries}
    for name, kind in sorted(found.items()):
        path = directory + b"/" + name
        if kind is None or _is_skipped(path):
            continue
        if kind == "directory":
            yield from _below(root, path, here)
        yield SearchedPath(path, kind)


def _kind(entry: os.DirEntry[str]) -> Literal["file", "link", "directory"] | None:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "file" if entry.is_file(follow_symlinks=False) else None


def _is_skipped(path: bytes) -> bool:
    text = path.decode("utf-8", "surrogateescape")
    return any(fnmatchcase(text, pattern) for pattern, _ in NOT_SEARCHED)
