"""The links that update-alternatives keeps, dpkg's and that of the RHEL family: one format.

A file for each name: the mode, the link, then name and link of each that goes along with it, up to
an empty line (update-alternatives(1), FILES).
"""

import os
from collections.abc import Iterator

from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.arithmetic import absolute


def links(root: bytes, directory: bytes, resolver: Resolver) -> set[bytes]:
    """The real paths of all links that the files in `directory` (relative) speak of."""
    real = absolute(root, resolver.directory(directory))
    try:
        names = os.listdir(real)
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {resolver.file(link[1:]) for name in names for link in _links(absolute(real, name))}


def _links(path: bytes) -> Iterator[bytes]:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        head = file.read().split(b"\n\n")[0].split(b"\n")
    for line in (*head[1:2], *head[3::2]):
        if line.startswith(b"/"):
            yield line
