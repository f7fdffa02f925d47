"""Where a path of a root really is, if some of its directories are links.

Packages still name `/bin/ls` where `/bin` is a link to `usr/bin`.
"""

import os
import stat

from drdwrap.paths.arithmetic import absolute


class Resolver:
    """The directories of one root. Links are followed within the root by reading each one: the
    kernel follows none in the trees that drdwrap works on."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known: dict[bytes, bytes] = {b"": b""}

    def directory(self, path: bytes) -> bytes:
        """Where the directory `path` (relative) really is; `path` itself if it is not there."""
        known = self._known.get(path)
        if known is None:
            above, _, name = path.rpartition(b"/")
            here = absolute(self.directory(above), name) if above else name
            self._known[path] = here  # where a circle of links ends
            self._known[path] = known = self._followed(here)
        return known

    def file(self, path: bytes) -> bytes:
        """Where the file `path` (relative) really is. A link in the last place is not followed."""
        end = path.rfind(b"/")
        if end < 0:
            return path
        above = path[:end]
        real = self._known.get(above) or self.directory(above)
        return path if real == above else (real + path[end:]).lstrip(b"/")

    def _followed(self, path: bytes) -> bytes:
        full = absolute(self._root, path)
        try:
            if not stat.S_ISLNK(os.lstat(full).st_mode):
                return path
            target = os.readlink(full)
        except OSError:
            return path
        here = b"" if target.startswith(b"/") else path.rpartition(b"/")[0]
        for name in target.split(b"/"):
            if name == b"..":
                here = here.rpartition(b"/")[0]
            elif name not in (b"", b"."):
                here = self.directory(absolute(here, name) if here else name)
        return here


def last_part(path: bytes) -> bytes:
    """The name of a path without its directories. Links among them do not change it."""
    return path[path.rfind(b"/") + 1 :]
