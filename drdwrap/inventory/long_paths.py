"""Paths that are too long to be copied.

Anyone can make one, by going from directory to directory. The kernel takes no path of more than
4,095 bytes at once, and rsync and this program name every file by its whole path.
"""

from drdwrap.inventory import storage
from drdwrap.inventory.entry import path_of
from drdwrap.inventory.storage import Storage
from drdwrap.paths.arithmetic import climb, is_below


def without_long(lines: Storage, longest: int) -> tuple[Storage, tuple[bytes, ...]]:
    """The lines without those of longer paths, and the directories that hold these."""
    if not _any_long_line(lines, longest):
        return lines, ()
    kept: list[bytes] = []
    long: list[bytes] = []
    for line in storage.lines(lines):
        path = path_of(line)
        if len(path) <= longest:
            kept.append(line)
        elif not (long and is_below(path, long[-1])):
            long.append(next((above for above in climb(path) if len(above) <= longest), b""))
    return b"".join(line + b"\0" for line in kept), tuple(dict.fromkeys(long))


def _any_long_line(lines: Storage, longest: int) -> bool:
    """Whether any line is that long. A long line has no NUL in one of the pieces, each of half that
    length: so nearly all bytes are looked at by `find` alone."""
    half = longest // 2
    return any(lines.find(b"\0", at, at + half) < 0 for at in range(0, len(lines), half))
