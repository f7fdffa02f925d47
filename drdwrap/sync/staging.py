"""The staging directory at the root of each of the clone's volumes.

rsync copies into it and nowhere else, to the paths that the files will have below the clone's root.
What has arrived there is moved to its place file by file. So no file of the clone is ever half
written, none inherits anything from the directory it is born into, and a killed rsync leaves
nothing elsewhere.

    .drdwrap.tmp/new/PATH   what rsync has copied; after the move, what was in PATH before
    .drdwrap.tmp/old/PATH   what was taken away because it was erased on the booted system
"""

import errno
import os
import stat
from collections.abc import Iterable
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.linux import deep_tree, directories
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute, all_above
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.command import STAGING

_MODE = 0o1700
"""The mode of the directories that lead to what is copied. Hardly any other directory has it."""


@dataclass(frozen=True)
class Staging:
    """The staging directories of one clone."""

    trees: Trees
    pair: Pair

    def new_root(self, volume: bytes) -> bytes:
        """The directory (absolute) that rsync copies into, for paths of this volume."""
        return absolute(self._directory(volume), b"new")

    def new(self, path: bytes) -> bytes:
        """Where the new `path` lies (absolute)."""
        return absolute(self.new_root(self.pair.volume_of(path)), path)

    def old_root(self, volume: bytes) -> bytes:
        """The directory (absolute) that takes what was erased, for paths of this volume."""
        return absolute(self._directory(volume), b"old")

    def old(self, path: bytes) -> bytes:
        """Where what was at `path` is taken to (absolute)."""
        return absolute(self.old_root(self.pair.volume_of(path)), path)

    def entry(self, path: bytes) -> Entry | None:
        """The entry of the new `path`, or None if there is none. OSError."""
        return entry_at(self.new_root(self.pair.volume_of(path)), path)

    def make_parents(self, volume: bytes, paths: Iterable[bytes]) -> None:
        """Make the directories that these paths of one volume are to lie in. OSError."""
        root = self.new_root(volume)
        directories.make(os.path.dirname(root))
        directories.make(root)
        for directory in sorted(all_above(paths)):
            _make_directory(absolute(root, directory))

    def discard(self, path: bytes) -> None:
        """Remove the new `path`, with all below it. OSError."""
        remove_tree(self.new(path))

    def keep_only(self, volume: bytes, paths: Iterable[bytes]) -> None:
        """Remove everything new on this volume but these paths and what leads to them. OSError.

        After an rsync that did not end by itself there may be its temporary files.
        """
        root = self.new_root(volume)
        kept = {*paths} | all_above(paths)
        for path in deep_tree.paths_below(root):
            if path[len(root) :].strip(b"/") not in kept:
                remove_tree(path)

    def remove(self) -> None:
        """Remove all staging directories. DrdwrapError when one cannot be removed."""
        for volume in self.pair.volumes:
            directory = self._directory(volume)
            try:
                if os.path.lexists(directory) and not _is_directory(directory):
                    raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), directory)
                remove_tree(directory)
            except OSError as error:
                name = for_screen(absolute(b"/" + volume if volume else b"", STAGING))
                raise DrdwrapError(
                    f"{name} on the clone cannot be removed: {os.strerror(error.errno or 0)}",
                    "remove it yourself: drdwrap keeps its temporary files under that name",
                ) from error

    def _directory(self, volume: bytes) -> bytes:
        return absolute(absolute(self.trees.clone.root, volume), STAGING)


def is_staging_directory(entry: Entry) -> bool:
    """Whether this is a directory that `make_parents` has made, as it was then."""
    return entry.is_directory and int(entry.mode, 8) == _MODE


def _make_directory(path: bytes) -> None:
    try:
        os.mkdir(path, _MODE)
    except FileExistsError:
        if os.path.islink(path):
            raise


def _is_directory(path: bytes) -> bool:
    return stat.S_ISDIR(os.lstat(path).st_mode)


def remove_tree(path: bytes) -> None:
    """Remove what is at `path`, a directory with all in it. No error if nothing is. OSError."""
    try:
        if _is_directory(path):
            deep_tree.remove(path)
        else:
            os.unlink(path)
    except FileNotFoundError:
        return
