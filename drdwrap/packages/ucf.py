"""ucf's registry: configuration files that package scripts install, and the version they shipped.

ucf(1) keeps the registry (package and path) and the digests (MD5) of the last installed versions.
"""

import re

from drdwrap.linux import safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.packages.database import Template
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

_DIRECTORY = b"var/lib/ucf"
_BLANKS = re.compile(rb"[ \t]+")


def templates(root: bytes, resolver: Resolver) -> dict[bytes, Template]:
    """The registered files, by real path. OSError if the registry cannot be read."""
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
    """Pairs of a word and a path; none if there is no such file."""
    try:
        content = safe_file.contents(path)
    except FileNotFoundError:
        return []
    split = [_BLANKS.split(line.strip(b" \t"), 1) for line in lines_of(content)]
    return [line for line in split if len(line) == 2]
