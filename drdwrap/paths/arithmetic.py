"""Paths relative to a root, as bytes. `b""` is the root itself; no path begins with a slash."""

from collections.abc import Iterable, Iterator


def is_below(path: bytes, directory: bytes) -> bool:
    """Whether `path` is `directory` or lies below it (both relative)."""
    return not directory or path == directory or path.startswith(directory + b"/")


def parent(path: bytes) -> bytes:
    """The directory that holds `path`."""
    return path.rpartition(b"/")[0]


def climb(path: bytes) -> Iterator[bytes]:
    """The directories above `path` except the root, nearest first, each made when it is asked for.

    A path can have 2,000 of them, which together are 4 MB: whoever knows that the rest is of no
    interest stops there.
    """
    while path := parent(path):
        yield path


def ancestors(path: bytes) -> tuple[bytes, ...]:
    """All directories above `path` except the root, nearest first."""
    return tuple(climb(path))


def all_above(paths: Iterable[bytes]) -> set[bytes]:
    """The directories above any of these paths, without the root. Each is made once."""
    found: set[bytes] = set()
    for path in paths:
        for directory in climb(path):
            if directory in found:
                break
            found.add(directory)
    return found


def absolute(root: bytes, path: bytes) -> bytes:
    """`path` (relative) below `root` (absolute), without a trailing slash."""
    return root if not path else root.rstrip(b"/") + b"/" + path
