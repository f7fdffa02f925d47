"""Where the directories that packages name really are: on this root, some of them are links.

Packages go on naming `/bin/ls` where `/bin` is a link to `usr/bin`.
"""

import os
import stat
from collections.abc import Iterable

from drdwrap.volumes.pair import absolute, ancestors


class Resolver:
    """The directories of one root. Links are followed within the root, by looking at them alone:
    the trees that drdwrap works on do not let a path lead through a link."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known: dict[bytes, bytes] = {b"": b""}

    def directory(self, path: bytes) -> bytes:
        """Where the directory `path` (relative) really is; as it is named if it is not there."""
        known = self._known.get(path)
        if known is None:
            above, _, name = path.rpartition(b"/")
            here = absolute(self.directory(above), name) if above else name
            self._known[path] = here  # what a circle of links comes back to
            self._known[path] = known = self._followed(here)
        return known

    def file(self, path: bytes) -> bytes:
        """Where the file `path` (relative) really is; a link is not followed if it is the last."""
        above, _, name = path.rpartition(b"/")
        return absolute(self.directory(above), name) if above else name

    def names(self, paths: Iterable[bytes], directories: Iterable[bytes]) -> dict[bytes, bytes]:
        """Every name under which a package may have one of these paths, and the path.

        `directories` are those that packages name.
        """
        aliases: dict[bytes, list[bytes]] = {}
        for directory in directories:
            real = self.directory(directory)
            if real != directory:
                aliases.setdefault(real, []).append(directory)
        names = {}
        for path in paths:
            names[path] = path
            for above in ancestors(path):
                for alias in aliases.get(above, ()):
                    names[alias + path[len(above) :]] = path
        return names

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
