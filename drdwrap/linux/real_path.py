"""Where a path of the running system really is, with all links followed."""

import os


def real_path(path: bytes) -> bytes:
    """`path` (absolute) without links. One that leads through hundreds of links, which the kernel
    does not follow, stays as it is: whoever opens it is told so."""
    try:
        return os.path.realpath(path)
    except RecursionError:  # before Python 3.13, for a long chain of links
        return os.path.abspath(path)
