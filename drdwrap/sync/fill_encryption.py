"""A first fill without what is encrypted by its file system: see `sync.encryption`.

It is looked for before the copy, and again after it: what has been encrypted meanwhile, or has lost
its key, is taken back from the clone.
"""

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, field

from drdwrap.inventory import encrypted, storage
from drdwrap.inventory.scan import Inventory
from drdwrap.paths.arithmetic import absolute, parent
from drdwrap.paths.patterns import Pattern, literal
from drdwrap.rsync.list_and_rules import mount_point
from drdwrap.sync import encryption
from drdwrap.sync.begin import Run
from drdwrap.sync.staging import remove_tree


@dataclass
class StayingOut:
    """What stays out of a fill, each path with the reason: the contents of directories, and single
    files."""

    directories: encryption.Reasons = field(default_factory=dict)
    files: encryption.Reasons = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.directories or self.files)

    @property
    def warnings(self) -> list[str]:
        """The reasons, for a screen."""
        return [*self.directories.values(), *self.files.values()]

    @property
    def patterns(self) -> list[Pattern]:
        """What rsync is not to see."""
        return [*map(mount_point, self.directories), *map(literal, self.files)]

    def without(self, booted: Inventory) -> Inventory:
        """The booted inventory without all that."""
        return encrypted.without(booted, self.directories, self.files)

    def look(self, run: Run, booted: Inventory) -> "StayingOut":
        """Look for what stays out, and add it. Returns what was not known yet."""
        if not encryption.possible_on_booted(run):
            return StayingOut()
        found = encryption.directories_on_booted(run, booted)
        sealed = encryption.sealed_on_booted(run, found)
        files = encryption.single_files(run, _files(run, booted), found)
        new = StayingOut(
            {path: why for path, why in sealed.items() if path not in self.directories},
            {path: why for path, why in files.items() if path not in self.files},
        )
        self.directories.update(new.directories)
        self.files.update(new.files)
        return new


def take_back(run: Run, copied: StayingOut) -> None:
    """Remove from the clone what was copied of this. OSError."""
    for path in copied.directories:
        directory = absolute(run.trees.clone.root, path)
        if _is_directory(directory):
            for name in os.listdir(directory):
                remove_tree(absolute(directory, name))
    for path in copied.files:
        if _is_directory(absolute(run.trees.clone.root, parent(path))):
            remove_tree(absolute(run.trees.clone.root, path))


def _files(run: Run, booted: Inventory) -> Iterator[bytes]:
    for line in storage.lines(booted.storage):
        path, _, rest = line.partition(b"//")
        if not rest.startswith(b"d") and not run.locations.cover_transient(path):
            yield path


def _is_directory(path: bytes) -> bool:
    return os.path.lexists(path) and stat.S_ISDIR(os.lstat(path).st_mode)
