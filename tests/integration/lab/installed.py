"""Made-up packages on one side of a pair: their files, what their scripts would leave, their entry
in dpkg's database; and the same taken away again."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .dpkg_root import ONE, DpkgRoot
from .files import LONG_AGO, put

INFO = "var/lib/dpkg/info"


@dataclass(frozen=True)
class Package:
    """`files` are in its list, `conffiles` as well; `directories` are in the list and empty.

    `left` is what its scripts make and no list has: contents, or (with a leading `->`) a link.
    """

    name: str
    files: Sequence[str] = ()
    conffiles: Sequence[str] = ()
    directories: Sequence[str] = ()
    left: Mapping[str, str] = field(default_factory=dict)
    scripts: Mapping[str, str] = field(default_factory=dict)

    def install(self, root: Path) -> None:
        """As dpkg and the package's scripts would."""
        for name in (*self.files, *self.conffiles):
            put(root, name, f"{self.name}'s\n".encode(), mtime_ns=LONG_AGO)
        for name in self.directories:
            (root / name).mkdir(parents=True, exist_ok=True)
        for name, what in self.left.items():
            if what.startswith("->"):
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).symlink_to(what[2:])
            else:
                put(root, name, what.encode(), mtime_ns=LONG_AGO)
        self.note(root)

    def note(self, root: Path) -> None:
        """Only its entry in the database, and its scripts."""
        listed = (*self.files, *self.conffiles, *self.directories)
        DpkgRoot(root).package(
            self.name,
            *(f"/{name}" for name in listed),
            conffiles=tuple(f"/{name} {ONE}" for name in self.conffiles),
        )
        for name, text in self.scripts.items():
            put(root, f"{INFO}/{self.name}.{name}", f"#!/bin/sh\n{text}\n".encode(), mode=0o755)

    def purge(self, root: Path) -> None:
        """Take away all of it, and the directories that are empty then."""
        self.forget(root)
        for name in (*self.files, *self.conffiles, *self.left):
            path = root / name
            if os.path.lexists(path):
                path.unlink()
            _prune(path.parent, root)
        for name in self.directories:
            _prune(root / name, root)

    def remove(self, root: Path) -> None:
        """Leave configuration and data."""
        self.forget(root)
        for name in self.files:
            (root / name).unlink()
            _prune((root / name).parent, root)
        left = [name for name in self.directories if (root / name).exists()]
        DpkgRoot(root).package(
            self.name,
            *(f"/{name}" for name in (*self.conffiles, *left)),
            conffiles=tuple(f"/{name} {ONE}" for name in self.conffiles),
            state="deinstall ok config-files",
        )

    def forget(self, root: Path) -> None:
        """Take its entry out of the database."""
        status = root / "var/lib/dpkg/status"
        stanzas = re.split(r"(?<=\n)\n", status.read_text())
        kept = [one for one in stanzas if one and not one.startswith(f"Package: {self.name}\n")]
        status.write_text("".join(f"{one.rstrip()}\n\n" for one in kept))
        for file in (root / INFO).glob(f"{self.name}.*"):
            file.unlink()


def _prune(directory: Path, root: Path) -> None:
    while directory != root and directory.is_dir() and not any(directory.iterdir()):
        directory.rmdir()
        directory = directory.parent


def erase(root: Path, *names: str) -> None:
    """Whole trees, as a script does with `rm -rf`."""
    for name in names:
        shutil.rmtree(root / name)
