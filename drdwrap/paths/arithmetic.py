"""Paths relative to a root, as bytes. `b""` is the root itself; no path begins with a slash."""

from functools import cache


def is_below(path: bytes, directory: bytes) -> bool:
    """Whether `path` is `directory` or lies below it (both relative)."""
    return not directory or path == directory or path.startswith(directory + b"/")


def parent(path: bytes) -> bytes:
    """The directory that holds `path`."""
    return path.rpartition(b"/")[0]


@cache
def ancestors(path: bytes) -> tuple[bytes, ...]:
    """All directories above `path` except the root, nearest first."""
    result = []
    while path := parent(path):
        result.append(path)
    return tuple(result)


def absolute(root: bytes, path: bytes) -> bytes:
    """`path` (relative) below `root` (absolute), without a trailing slash."""
    return root if not path else root.rstrip(b"/") + b"/" + path
