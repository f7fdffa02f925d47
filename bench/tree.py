"""A seeded tree that resembles a root file system: same seed, same names, same contents."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

FILES_PER_DIRECTORY = 9  # /usr of a Debian 12 server holds about nine files a directory
DEEPEST = 14
SYMLINK_SHARE = 0.05
HARD_LINK_SHARE = 0.002
ATTRIBUTE_SHARE = 0.005
SYSTEM_OWNER_SHARE = 0.02
SIZE_MU, SIZE_SIGMA = 7.0, 1.4  # log-normal: median 1.1 kB, mean 2.9 kB
LARGEST = 1 << 20
OLDEST_MTIME, MTIME_SPAN = 1_600_000_000, 100_000_000  # seconds since 1970; spread over 3 years

SKELETON = (
    "etc", "opt", "root", "srv", "usr", "var", "usr/bin", "usr/include", "usr/lib", "usr/libexec",
    "usr/sbin", "usr/share", "usr/src", "var/cache", "var/lib", "var/log", "var/spool",
    "usr/lib/x86_64-linux-gnu", "usr/share/doc", "usr/share/locale", "usr/share/icons",
)  # fmt: skip
EXTENSIONS = ("", "", ".so.1", ".h", ".py", ".gz", ".conf", ".mo", ".svg", ".png", ".html", ".txt")
SYLLABLES = (
    "al an ar bo ca con de di do en er fi ge gra ha in ka la le li lo ma me mi mo na ne ni no "
    "or pa per po ra re ri ro sa se si so sta su ta te ti to tra u ve vi "
).split()

ACL_ATTRIBUTE = "system.posix_acl_access"


@dataclass(frozen=True)
class Tree:
    """What was built: how many inodes' names, and the regular files that may be changed."""

    entries: int
    """Files, links and directories, the root itself excepted."""
    regular: list[str]
    """Paths relative to the root; additional names of hard links are not among them."""


def directory_count(files: int) -> int:
    """How many directories a tree of so many files has."""
    return max(len(SKELETON), files // FILES_PER_DIRECTORY)


def directories(files: int, rng: random.Random) -> list[tuple[str, int]]:
    """(relative path, number of files in it), parents before children; the numbers sum to files."""
    words = _words(rng)
    paths = list(SKELETON)
    taken = set(paths)
    parents = {path: path.rpartition("/")[0] for path in paths}
    while len(paths) < directory_count(files):
        parent = rng.choice(paths)
        # Siblings attract siblings: without this the tree is nearly twice as deep as /usr.
        if rng.random() < 0.5:
            parent = parents[parent] or parent
        if parent.count("/") + 2 > DEEPEST:
            continue
        path = f"{parent}/{rng.choice(words)}"
        if path in taken:
            path += f"-{len(paths)}"
        taken.add(path)
        parents[path] = parent
        paths.append(path)
    weights = [rng.lognormvariate(0, 1.3) for _ in paths]
    scale, total, dealt = files / sum(weights), 0.0, 0
    shares = []
    for weight in weights:
        total += weight * scale
        shares.append(int(total) - dealt)
        dealt += shares[-1]
    shares[-1] += files - dealt
    return list(zip(paths, shares, strict=True))


def build(root: Path, files: int, seed: int) -> Tree:
    """Write the tree below the existing directory root (as root user, for the owners)."""
    rng = random.Random(seed)
    layout = directories(files, rng)
    writer = _Writer(rng)
    regular: list[str] = []
    below: dict[str, set[str]] = {}
    for path, _ in layout:
        parent, _, name = path.rpartition("/")
        below.setdefault(parent, set()).add(name)
    old_mask = os.umask(0)
    try:
        for path, count in layout:
            directory = root / path
            directory.mkdir(0o755)
            dir_fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
            try:
                names = writer.fill(dir_fd, count, below.get(path, set()))
                regular += (f"{path}/{name}" for name in names)
            finally:
                os.close(dir_fd)
    finally:
        os.umask(old_mask)
    _write_accounts(root)
    return Tree(len(layout) + files + 2, regular)


def change(root: Path, regular: Sequence[str], share: float, seed: int) -> int:
    """Rewrite a seeded random share of the files with other contents, as of now; how many."""
    rng = random.Random(seed)
    chosen = rng.sample(regular, max(1, round(len(regular) * share)))
    for path in chosen:
        fd = os.open(root / path, os.O_WRONLY | os.O_TRUNC)
        try:
            os.write(fd, rng.randbytes(_size(rng) or 1))
        finally:
            os.close(fd)
    return len(chosen)


class _Writer:
    """Fills one directory after the other from one random source."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._words = _words(rng)
        self._contents = memoryview(rng.randbytes(2 * LARGEST))

    def fill(self, dir_fd: int, count: int, reserved: set[str]) -> Iterator[str]:
        """Make count files in the directory; yields the names of the regular ones.

        The reserved names are those of its subdirectories.
        """
        taken: list[str] = []
        plain: list[str] = []
        for name in self._names(count, reserved):
            kind = self._rng.random()
            if kind < SYMLINK_SHARE:
                os.symlink(self._link_target(taken), name, dir_fd=dir_fd)
            elif kind < SYMLINK_SHARE + HARD_LINK_SHARE and plain:
                os.link(self._rng.choice(plain), name, src_dir_fd=dir_fd, dst_dir_fd=dir_fd)
            else:
                self._write(dir_fd, name)
                plain.append(name)
                yield name
            taken.append(name)

    def _names(self, count: int, reserved: set[str]) -> Iterator[str]:
        rng, words, taken = self._rng, self._words, set(reserved)
        while len(taken) < count + len(reserved):
            name = rng.choice(words)
            if rng.random() < 0.6:
                name += rng.choice("-_.") + rng.choice(words)
            name += rng.choice(EXTENSIONS)
            if name in taken:
                name = f"{len(taken)}{name}"
            if name not in taken:
                taken.add(name)
                yield name

    def _link_target(self, taken: list[str]) -> str:
        if taken:
            return self._rng.choice(taken)
        return f"../{self._rng.choice(self._words)}"

    def _write(self, dir_fd: int, name: str) -> None:
        rng = self._rng
        mode = 0o755 if rng.random() < 0.1 else 0o644
        size = _size(rng)
        start = rng.randrange(LARGEST)
        fd = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode, dir_fd=dir_fd)
        try:
            os.write(fd, self._contents[start : start + size])
            if rng.random() < SYSTEM_OWNER_SHARE:
                os.fchown(fd, rng.randrange(1, 10), rng.randrange(1, 10))
            if rng.random() < ATTRIBUTE_SHARE:
                _set_attribute(fd, rng)
            mtime = (OLDEST_MTIME + rng.randrange(MTIME_SPAN)) * 10**9
            if rng.random() < 0.3:  # packages carry whole seconds, what programs wrote does not
                mtime += rng.randrange(10**9)
            os.utime(fd, ns=(mtime, mtime))
        finally:
            os.close(fd)


def _set_attribute(fd: int, rng: random.Random) -> None:
    """An access ACL with one named user, or a user attribute."""
    if rng.random() < 0.5:
        os.setxattr(fd, "user.origin", rng.randbytes(20))
    else:
        os.setxattr(fd, ACL_ATTRIBUTE, _acl(rng.randrange(1, 10)))


def _acl(user: int) -> bytes:
    """user::rw-,user:N:r--,group::r--,mask::r--,other::r-- as linux/posix_acl_xattr.h has it."""
    no_id = 0xFFFFFFFF
    entries = ((1, 6, no_id), (2, 4, user), (4, 4, no_id), (16, 4, no_id), (32, 4, no_id))
    return struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)


def _size(rng: random.Random) -> int:
    return min(LARGEST, int(rng.lognormvariate(SIZE_MU, SIZE_SIGMA)))


def _words(rng: random.Random) -> list[str]:
    return ["".join(rng.choices(SYLLABLES, k=rng.randint(2, 5))) for _ in range(4000)]


def _write_accounts(root: Path) -> None:
    """passwd and group, so that the owners have names, the same on both sides."""
    users = "".join(f"user{n}:x:{n}:{n}::/:/usr/sbin/nologin\n" for n in range(1, 10))
    groups = "".join(f"group{n}:x:{n}:\n" for n in range(1, 10))
    (root / "etc/passwd").write_text(f"root:x:0:0:root:/root:/bin/sh\n{users}")
    (root / "etc/group").write_text(f"root:x:0:\n{groups}")
