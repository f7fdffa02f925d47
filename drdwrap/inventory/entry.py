"""One file, directory, link or special file, as a line of an inventory.

A line is `PATH//TYPE MODE UID GID SIZE MTIME CTIME INODE LINKS`, without the NUL that ends it. The
path is relative to the root, and empty for the root itself. `//` ends it: no path contains that.
Times are seconds with ten decimals, as `find -printf` writes them. The size of a directory is 0,
since file systems differ in it. Two lines are equal exactly if `lstat` showed no difference.
"""

import errno
import os
import stat
from typing import NamedTuple

from drdwrap.paths.arithmetic import absolute

FORMAT = rb"%P//%y %m %U %G %s %T@ %C@ %i %n\0"
FORMAT_OF_DIRECTORY = FORMAT.replace(b"%s", b"0")

_TYPES = {
    stat.S_IFREG: b"f",
    stat.S_IFDIR: b"d",
    stat.S_IFLNK: b"l",
    stat.S_IFCHR: b"c",
    stat.S_IFBLK: b"b",
    stat.S_IFIFO: b"p",
    stat.S_IFSOCK: b"s",
}
NEVER_SEEN = b"?"
"""A type that no file has. Recorded for a booted file, it makes any file there a changed one."""


class Entry(NamedTuple):
    """A parsed line. `size` is in bytes; times are in find's notation (see `nanoseconds`).

    A tuple, not a dataclass, for speed: a run makes about ten for each file that differs.
    """

    path: bytes
    type: bytes
    mode: bytes
    uid: bytes
    gid: bytes
    size: int
    mtime: bytes
    ctime: bytes
    inode: bytes
    links: int

    @classmethod
    def parse(cls, line: bytes) -> "Entry":
        """The entry of a line (without its NUL). ValueError if it is not such a line."""
        path, separator, fields = line.partition(b"//")
        values = fields.split(b" ")
        if not separator or len(values) != 9:
            raise ValueError(f"not a line of an inventory: {line!r}")
        type_, mode, uid, gid, size, mtime, ctime, inode, links = values
        return cls(path, type_, mode, uid, gid, int(size), mtime, ctime, inode, int(links))

    @property
    def line(self) -> bytes:
        """The line of this entry; `parse(entry.line) == entry`."""
        return b"%s//%s %s %s %s %d %s %s %s %d" % (
            self.path,
            self.type,
            self.mode,
            self.uid,
            self.gid,
            self.size,
            self.mtime,
            self.ctime,
            self.inode,
            self.links,
        )

    @property
    def is_directory(self) -> bool:
        return self.type == b"d"

    @property
    def is_file(self) -> bool:
        return self.type == b"f"

    @property
    def moves_along(self) -> bool:
        """Whether its line changes when another path does: a directory's does, and that of a file
        with several names."""
        return self.is_directory or self.links > 1

    @property
    def visible(self) -> tuple[object, ...]:
        """What lstat shows and what has to be the same on both sides.

        Without a directory's time, which changes with its contents.
        """
        return self[1:5] if self.type == b"d" else self[1:7]


def path_of(line: bytes) -> bytes:
    """The path of a line, without parsing the rest."""
    return line.partition(b"//")[0]


def nanoseconds(time: bytes) -> int:
    """A time in find's notation as nanoseconds since 1970, exactly.

    find writes the kernel's tv_sec, which is rounded down, and then tv_nsec: -1.5 s is
    `-2.5000000000`.
    """
    whole, _, fraction = time.partition(b".")
    return int(whole) * 1_000_000_000 + int((fraction + b"000000000")[:9])


def notation(time: int) -> bytes:
    """A time in nanoseconds since 1970 in find's notation."""
    whole, fraction = divmod(time, 1_000_000_000)
    return b"%d.%09d0" % (whole, fraction)


def entry_at(root: bytes, path: bytes) -> Entry | None:
    """The entry of `path` (relative) below `root` as it is now, or None if it is not there.

    OSError if there is another reason than absence.
    """
    try:
        status = os.lstat(absolute(root, path))
    except OSError as error:
        # ELOOP: a parent is a symbolic link, and none is followed in the trees.
        if error.errno in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            return None
        raise
    type_ = _TYPES[stat.S_IFMT(status.st_mode)]
    return Entry(
        path,
        type_,
        b"%o" % stat.S_IMODE(status.st_mode),
        b"%d" % status.st_uid,
        b"%d" % status.st_gid,
        0 if type_ == b"d" else status.st_size,
        notation(status.st_mtime_ns),
        notation(status.st_ctime_ns),
        b"%d" % status.st_ino,
        status.st_nlink,
    )
