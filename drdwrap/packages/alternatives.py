"""The links that update-alternatives keeps. dpkg's and the RHEL family's have the same format.

There is a file for each alternative: the mode, the link, then name and link of each slave, up to an
empty line (update-alternatives(1), FILES).
"""

import os
from collections.abc import Iterator

from drdwrap.linux import safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.arithmetic import absolute


def links(root: bytes, directory: bytes, resolver: Resolver) -> set[bytes]:
    """The real paths of all links that the files in `directory` (relative) name. OSError."""
    real = absolute(root, resolver.directory(directory))
    try:
        names = os.listdir(real)
    except (FileNotFoundError, NotADirectoryError):
        return set()
    return {resolver.file(link[1:]) for name in names for link in _links(absolute(real, name))}


def _links(path: bytes) -> Iterator[bytes]:
    head = safe_file.contents(path).split(b"\n\n")[0].split(b"\n")
    for line in (*head[1:2], *head[3::2]):
        if line.startswith(b"/"):
            yield line
