"""Both sides' packages, from the databases that are in force."""

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
"""To add a package manager, write its file and name it here."""

Choice = Literal["auto", "dpkg", "rpm", "none"]


@dataclass(frozen=True)
class PackageSides:
    """What the databases of both sides say. `unreadable` is why the clone's says nothing, or empty.

    `booted` always has an answer: without one there is no run.
    """

    booted: Packages = field(default_factory=Packages)
    clone: Packages = field(default_factory=Packages)
    unreadable: str = ""

    @property
    def different(self) -> set[str]:
        """The packages that are not the same on both sides."""
        return {name for name, _ in self.booted.installed ^ self.clone.installed}

    @property
    def undetermined(self) -> str:
        """Why no two templates can be compared, or empty."""
        if self.unreadable:
            return self.unreadable
        for name, side in (("booted system", self.booted), ("clone", self.clone)):
            if side.busy:
                return f"the {name}'s package database is locked by {side.busy}"
        return ""


def in_force(choice: Choice, booted_root: bytes) -> tuple[Manager, ...]:
    """The managers whose databases decide: with `auto`, those that the booted root has one of."""
    if choice == "auto":
        return tuple(manager for manager in MANAGERS if manager.is_present(booted_root))
    return tuple(manager for manager in MANAGERS if choice == manager.NAME)


def read(
    managers: Collection[Manager],
    roots: tuple[bytes, bytes],
    paths: Collection[bytes],
    scratch: bytes,
) -> PackageSides:
    """What the databases of both roots (booted, clone) say of these paths.

    `scratch` is a directory to be made for the time of the reading. RefusedError when one of the
    booted root's says nothing to rely on. One without packages beside another that has some is of
    a manager that is there for its tools.
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
                        "put it right and try again; with 'packages: none' files of packages are"
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
    """Begin, and keep for the answer what goes wrong at once: the other side comes first."""
    try:
        if not manager.is_present(root):
            raise UnusedError(f"there is no {manager.NAME} database")
        os.makedirs(scratch, 0o700)
        return manager.begin(root, paths, scratch)
    except UnreadableError as error:
        return partial(_fail, error)


def _fail(error: UnreadableError) -> Packages:
    raise error
