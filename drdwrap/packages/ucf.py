"""ucf's registry: configuration files that package scripts keep, with what the package shipped.

ucf(1) has the registry (package and path) and the digests (MD5) of the last version it installed.
"""

import os

from drdwrap.linux.links_in_root import Resolver
from drdwrap.packages.database import Template
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_DIRECTORY = b"var/lib/ucf"


def templates(root: bytes, resolver: Resolver) -> dict[bytes, Template]:
    """The registered files, by real path. OSError when the registry cannot be read."""
    directory = absolute(root, resolver.directory(_DIRECTORY))
    packages = {path: package for package, path in _lines(absolute(directory, b"registry"))}
    digests = {path: digest for digest, path in _lines(absolute(directory, b"hashfile"))}
    return {
        resolver.file(path[1:]): Template(
            f"{for_screen(packages[path]) if path in packages else 'an unnamed package'} (by ucf)",
            for_screen(digests[path]) if path in digests else "",
        )
        for path in packages.keys() | digests.keys()
    }


def _lines(path: bytes) -> list[list[bytes]]:
    """A word and a path each."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        return []
    with open(descriptor, "rb") as file:
        split = [line.split(None, 1) for line in file.read().splitlines()]
    return [[word, name.strip()] for word, name in (line for line in split if len(line) == 2)]
