"""What a tree holds, as plain data that can be compared."""

from __future__ import annotations

import hashlib
import os
import stat
from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

KINDS = {
    stat.S_IFREG: "file",
    stat.S_IFDIR: "directory",
    stat.S_IFLNK: "link",
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFCHR: "character device",
    stat.S_IFBLK: "block device",
}


@dataclass(frozen=True)
class Entry:
    """One path. ``links`` are all names of a hard-linked file, empty where there is but one."""

    kind: str
    mode: int
    uid: int
    gid: int
    size: int
    mtime_ns: int
    content: bytes
    xattrs: tuple[tuple[str, bytes], ...]
    rdev: int
    links: frozenset[bytes] = frozenset()
    ctime_ns: int = 0

    def without(self, *names: str) -> Entry:
        """The same with these fields left out of any comparison."""
        return replace(self, **{name: _NOTHING[name] for name in names})


_NOTHING: dict[str, Any] = {
    "mtime_ns": 0,
    "ctime_ns": 0,
    "size": 0,
    "content": b"",
    "links": frozenset(),
    "xattrs": (),
    "mode": 0,
}

Tree = dict[bytes, Entry]


def snapshot(
    root: Path, *, directory_times: bool = False, ctimes: bool = False, with_root: bool = False
) -> Tree:
    """Everything below ``root`` by its path from there, as ``b"etc/hosts"``.

    ``lost+found`` and what is mounted below are left out. ``with_root`` adds the root itself
    as ``b"."``, without drdwrap's marker on it.
    """
    tree: Tree = {}
    names: defaultdict[int, set[bytes]] = defaultdict(set)
    inodes: dict[bytes, int] = {}
    for path, full, status in _walk(os.fsencode(root), with_root=with_root):
        if not stat.S_ISDIR(status.st_mode):
            names[status.st_ino].add(path)
            inodes[path] = status.st_ino
        tree[path] = _entry(full, status, directory_times=directory_times, ctimes=ctimes)
    for path, inode in inodes.items():
        if len(names[inode]) > 1:
            tree[path] = replace(tree[path], links=frozenset(names[inode]))
    return tree


def _walk(root: bytes, *, with_root: bool) -> Iterator[tuple[bytes, bytes, os.stat_result]]:
    device = os.lstat(root).st_dev
    if with_root:
        yield b".", root, os.lstat(root)
    pending = [b""]
    while pending:
        below = pending.pop()
        with os.scandir(os.path.join(root, below)) as entries:
            for entry in entries:
                path = os.path.join(below, entry.name)
                status = entry.stat(follow_symlinks=False)
                if path == b"lost+found" or status.st_dev != device:
                    continue
                yield path, entry.path, status
                if stat.S_ISDIR(status.st_mode):
                    pending.append(path)


def _entry(full: bytes, status: os.stat_result, *, directory_times: bool, ctimes: bool) -> Entry:
    kind = KINDS[stat.S_IFMT(status.st_mode)]
    content = b""
    if kind == "file":
        content = _digest(full)
    elif kind == "link":
        content = os.readlink(full)
    attributes = sorted(os.listxattr(full, follow_symlinks=False))
    return Entry(
        kind=kind,
        mode=stat.S_IMODE(status.st_mode),
        uid=status.st_uid,
        gid=status.st_gid,
        size=0 if kind == "directory" else status.st_size,
        mtime_ns=0 if kind == "directory" and not directory_times else status.st_mtime_ns,
        content=content,
        xattrs=tuple(
            (name, os.getxattr(full, name, follow_symlinks=False))
            for name in attributes
            if name != "user.drdwrap" and not name.startswith("trusted.SGI_ACL_")  # XFS's view
        ),
        rdev=status.st_rdev if "device" in kind else 0,
        ctime_ns=status.st_ctime_ns if ctimes else 0,
    )


def _digest(full: bytes) -> bytes:
    with open(full, "rb", buffering=0) as file:
        return hashlib.file_digest(file, "sha1").digest()


def differences(wanted: Tree, found: Tree, *, ignoring: Collection[bytes] = ()) -> list[str]:
    """What a reader needs to see where ``found`` is not as ``wanted``; empty when it is."""
    told = []
    for path in sorted(wanted.keys() | found.keys()):
        if path in ignoring:
            continue
        left, right = wanted.get(path), found.get(path)
        if left is None:
            told.append(f"{path!r}: should not be there")
        elif right is None:
            told.append(f"{path!r}: missing")
        elif left != right:
            told += [f"{path!r}: {line}" for line in _fields_that_differ(left, right)]
    return told


def _fields_that_differ(left: Entry, right: Entry) -> Iterator[str]:
    for field in fields(Entry):
        wanted, found = getattr(left, field.name), getattr(right, field.name)
        if wanted != found:
            yield f"{field.name} is {found!r} and not {wanted!r}"
