"""The packages of both sides."""

import os
import shutil
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import partial
from typing import Literal

from drdwrap.errors import RefusedError
from drdwrap.packages import dpkg, rpm
from drdwrap.packages.database import Answer, Manager, Packages, UnreadableError, UnusedError
from drdwrap.paths.arithmetic import absolute

MANAGERS: tuple[Manager, ...] = (dpkg, rpm)
"""To add a package manager, write its file and add it here."""

Choice = Literal["auto", "dpkg", "rpm", "none"]


@dataclass(frozen=True)
class PackageSides:
    """The packages of both sides. `unreadable` is why the clone's cannot be relied on, or empty.

    The booted side's can: otherwise there is no run.
    """

    booted: Packages = field(default_factory=Packages)
    clone: Packages = field(default_factory=Packages)
    unreadable: str = ""

    @property
    def different(self) -> set[str]:
        """The names of packages that only one side has, or in another version."""
        return {name for name, _ in self.booted.installed ^ self.clone.installed}

    @property
    def undetermined(self) -> str:
        """Why templates of both sides cannot be compared, or empty."""
        if self.unreadable:
            return self.unreadable
        for name, side in (("booted system", self.booted), ("clone", self.clone)):
            if side.busy:
                return f"the {name}'s package database is locked by {side.busy}"
        return ""


def in_force(choice: Choice, booted_root: bytes) -> tuple[Manager, ...]:
    """The managers whose databases count: with `auto`, those with a database in the booted root."""
    if choice == "auto":
        return tuple(manager for manager in MANAGERS if manager.is_present(booted_root))
    return tuple(manager for manager in MANAGERS if choice == manager.NAME)


def read(
    managers: Collection[Manager],
    roots: tuple[bytes, bytes],
    paths: Collection[bytes],
    scratch: bytes,
) -> PackageSides:
    """What the databases of both roots (booted, clone) say about these paths.

    `scratch` is a directory that is made for the time of the reading. RefusedError if a database of
    the booted root cannot be relied on. A database without packages is ignored if another manager
    has packages: only its manager's tools are used.
    """
    booted, clone, unreadable = Packages(), Packages(), ""
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        for manager in managers:
            begun = [
                _begin(
                    manager, root, paths, absolute(scratch, b"%s-%d" % (manager.NAME.encode(), n))
                )
                for n, root in enumerate(roots)
            ]
            in_use = True
            try:
                booted = booted.and_also(begun[0]())
            except UnreadableError as error:
                in_use = not (isinstance(error, UnusedError) and booted.installed)
                if in_use:
                    raise RefusedError(
                        f"the booted system's package database cannot be relied on: {error}",
                        "repair it and try again; with 'packages: none' the files of packages are"
                        " synced like any other",
                    ) from error
            try:
                clone = clone.and_also(begun[1]())
            except UnreadableError as error:
                if in_use or not isinstance(error, UnusedError):
                    unreadable = f"the clone's package database cannot be relied on: {error}"
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return PackageSides(booted, clone, unreadable)


def _begin(manager: Manager, root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """Begin to ask. An error is kept for the answer, so that the booted side's comes first."""
    try:
        if not manager.is_present(root):
            raise UnusedError(f"there is no {manager.NAME} database")
        os.makedirs(scratch, 0o700)
        return manager.begin(root, paths, scratch)
    except UnreadableError as error:
        return partial(_fail, error)


def _fail(error: UnreadableError) -> Packages:
    raise error
