"""The files of a root directory, with its symbolic links followed within it."""

import os
import stat

from drdwrap.boot.open_without_links import opened, text_of
from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.arithmetic import absolute

_PROGRAMS = (b"usr/sbin", b"usr/bin", b"sbin", b"bin")


class RootFiles:
    """The files below the directory `path` (absolute)."""

    def __init__(self, path: bytes) -> None:
        self._path = path
        self._resolver = Resolver(path)

    def has(self, path: bytes) -> bool:
        """Whether `path` (relative) is a regular file, or a link to one."""
        try:
            status = os.lstat(absolute(self._path, self._resolver.directory(path)))
        except OSError:
            return False
        return stat.S_ISREG(status.st_mode)

    def has_program(self, name: bytes) -> bool:
        """Whether the program is in one of the usual directories."""
        return bool(self.programs(name))

    def programs(self, name: bytes) -> list[bytes]:
        """The paths of the program (absolute, links followed) in all of the usual directories."""
        paths = [directory + b"/" + name for directory in _PROGRAMS]
        found = (self._resolver.directory(path) for path in paths if self.has(path))
        return [absolute(self._path, path) for path in dict.fromkeys(found)]

    def text(self, path: bytes) -> bytes:
        """The contents of the file at `path` (relative); empty if there is no such text file."""
        try:
            with opened(self._path, self._resolver.directory(path), os.O_RDONLY) as descriptor:
                return text_of(descriptor) or b""
        except OSError:
            return b""

    def names(self, directory: bytes) -> list[bytes]:
        """The names in the directory (relative), sorted; empty if there is no such directory."""
        try:
            return sorted(os.listdir(absolute(self._path, self._resolver.directory(directory))))
        except OSError:
            return []
