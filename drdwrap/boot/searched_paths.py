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


_Kind = Literal["file", "link", "directory"]


@dataclass(frozen=True)
class SearchedPath:
    """A path to search, relative to the root."""

    path: bytes
    kind: _Kind


def searched_paths(root: bytes) -> Iterator[SearchedPath]:
    """All regular files, symbolic links and directories, sorted; the contents of a directory come
    before the directory. OSError when something cannot be read."""
    for top in _TOP:
        try:
            yield from _below(root, top, os.lstat(root).st_dev)
        except (FileNotFoundError, NotADirectoryError):
            continue


def _below(root: bytes, top: bytes, device: int) -> Iterator[SearchedPath]:
    """What is below the directory `top`. (Without recursion, since it can be thousands deep.)"""
    inside = [_Directory.opened(root, top, device)]
    while inside:
        here = inside[-1]
        for name, kind in here.entries:
            path = here.path + b"/" + name
            if kind is None or _is_skipped(path):
                continue
            if kind == "directory":
                inside.append(_Directory.opened(root, path, here.device))
                break
            yield SearchedPath(path, kind)
        else:
            inside.pop()
            if inside:
                yield SearchedPath(here.path, "directory")


@dataclass(frozen=True)
class _Directory:
    """A directory, and what is still to be searched of it, sorted: nothing if it is on a file
    system (`device`) that is not searched."""

    path: bytes
    device: int
    entries: Iterator[tuple[bytes, _Kind | None]]

    @classmethod
    def opened(cls, root: bytes, path: bytes, above: int) -> "_Directory":
        """The directory `path`; `above` is the device of the one that it is in. OSError."""
        with opened(root, path, os.O_RDONLY | os.O_DIRECTORY) as descriptor:
            device = os.fstat(descriptor).st_dev
            if device != above and path not in _FILE_SYSTEMS:
                return cls(path, device, iter(()))
            with os.scandir(descriptor) as entries:
                found = {os.fsencode(entry.name): _kind(entry) for entry in entries}
        return cls(path, device, iter(sorted(found.items())))


def _kind(entry: os.DirEntry[str]) -> _Kind | None:
    if entry.is_symlink():
        return "link"
    if entry.is_dir(follow_symlinks=False):
        return "directory"
    return "file" if entry.is_file(follow_symlinks=False) else None


def _is_skipped(path: bytes) -> bool:
    text = path.decode("utf-8", "surrogateescape")
    return any(fnmatchcase(text, pattern) for pattern, _ in NOT_SEARCHED)
