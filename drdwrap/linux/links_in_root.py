"""Where a path of a root really is, if some of its directories are links.

Packages still name `/bin/ls` where `/bin` is a link to `usr/bin`.
"""

import os

from drdwrap.paths.arithmetic import absolute, parent

_MOST_LINKS = 40
"""The kernel follows no more on the way to one file (path_resolution(7))."""


class Resolver:
    """The directories of one root. Links are followed within the root by reading each one: the
    kernel follows none in the trees that drdwrap works on."""

    def __init__(self, root: bytes) -> None:
        self._root = root
        self._known: dict[bytes, bytes] = {b"": b""}

    def directory(self, path: bytes) -> bytes:
        """Where the directory `path` (relative) really is; `path` itself if it is not there."""
        unknown = []
        above = path
        while above not in self._known:
            unknown.append(above)
            above = parent(above)
        for one in reversed(unknown):
            self._known[one] = self._followed(self._known[parent(one)], last_part(one))
        return self._known[path]

    def file(self, path: bytes) -> bytes:
        """Where the file `path` (relative) really is. A link in the last place is not followed."""
        end = path.rfind(b"/")
        if end < 0:
            return path
        above = path[:end]
        real = self._known.get(above) or self.directory(above)
        return path if real == above else (real + path[end:]).lstrip(b"/")

    def target(self, path: bytes) -> bytes | None:
        """Where the link `path` (a real path) leads: relative to the root, through the links above
        its target. If there is a link again, it is not followed. None if `path` is no link."""
        target = self._target(path)
        if target is None:
            return None
        above, _, name = target.rstrip(b"/").rpartition(b"/")
        here = b"" if target.startswith(b"/") else parent(path)
        for step in above.split(b"/"):
            here = self._followed(here, step)
        return self._followed(here, name) if name in (b"", b".", b"..") else _joined(here, name)

    def _followed(self, directory: bytes, name: bytes) -> bytes:
        """Where `name` in a real directory is, through any links. A circle of links, or a chain of
        more than the kernel follows, is left as it is."""
        here, names = directory, [name]
        links = 0
        while names:
            step = names.pop()
            if step == b"..":
                here = parent(here)
                continue
            if step in (b"", b"."):
                continue
            there = _joined(here, step)
            target = self._target(there)
            if target is None:
                here = there
                continue
            links += 1
            if links > _MOST_LINKS:
                return _joined(directory, name)
            names += reversed(target.split(b"/"))
            here = b"" if target.startswith(b"/") else here
        return here

    def _target(self, path: bytes) -> bytes | None:
        """The target of the link at `path`; None if there is no link."""
        try:
            return os.readlink(absolute(self._root, path))
        except OSError:
            return None


def _joined(directory: bytes, name: bytes) -> bytes:
    return directory + b"/" + name if directory else name


def last_part(path: bytes) -> bytes:
    """The name of a path without its directories. Links among them do not change it."""
    return path[path.rfind(b"/") + 1 :]
