"""The packages of both sides."""

import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Literal

from drdwrap.errors import RefusedError
from drdwrap.linux import directories
from drdwrap.packages import dpkg, generated, links, made, rpm
from drdwrap.packages.database import (
    Answer,
    Manager,
    Packages,
    UnreadableError,
    UnusedError,
    in_short,
)
from drdwrap.packages.made import Made, PackageScripts
from drdwrap.paths.arithmetic import absolute

MANAGERS: tuple[Manager, ...] = (dpkg, rpm)
"""To add a package manager, write its file and add it here."""

Choice = Literal["auto", "dpkg", "rpm", "none"]


@dataclass(frozen=True)
class PackageSides:
    """The packages of both sides. `unreadable` is why the clone's cannot be relied on, or empty.

    The booted side's can: otherwise there is no run. `targets` are the paths that links, and
    some files that programs write, are for.
    `made` is what packages that only one side has make (booted, clone).
    """

    booted: Packages = field(default_factory=Packages)
    clone: Packages = field(default_factory=Packages)
    unreadable: str = ""
    targets: Mapping[bytes, frozenset[bytes]] = field(default_factory=dict)
    made: tuple[Made, Made] = (Made(), Made())

    @cached_property
    def only(self) -> tuple[frozenset[str], frozenset[str]]:
        """The packages that only the booted system has, and those that only the clone has."""
        return self.booted.missing_in(self.clone), self.clone.missing_in(self.booted)

    @property
    def different(self) -> set[str]:
        """The names of packages that only one side has, or in another version, or removed where the
        other has purged them."""
        apart = {name for name, _ in self.booted.installed ^ self.clone.installed}
        return apart.union(*self.only)

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
    at_stake: Collection[bytes],
    symbolic_links: tuple[Collection[bytes], Collection[bytes]],
    scratch: bytes,
) -> PackageSides:
    """What the databases of both roots (booted, clone) say about these paths.

    `symbolic_links` are those among them that are links, in each root. `scratch` is a directory
    that is made for the time of the reading. RefusedError if a database of the booted root cannot
    be relied on. A database without packages is ignored if another manager has packages: only its
    manager's tools are used.
    """
    if not managers:
        return PackageSides()
    targets = {
        **links.targets(roots, symbolic_links, at_stake),
        **generated.targets(roots, at_stake),
    }
    asked = {*at_stake, *(path for some in targets.values() for path in some)} - {b""}
    result = PackageSides(targets=targets)
    shutil.rmtree(scratch, ignore_errors=True)
    try:
        for manager in managers:
            result = _and_also(result, manager, roots, asked, scratch)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return result


def _and_also(
    so_far: PackageSides,
    manager: Manager,
    roots: tuple[bytes, bytes],
    asked: Collection[bytes],
    scratch: bytes,
) -> PackageSides:
    """The same with one manager's answers added."""
    name = manager.NAME.encode()
    scratches = absolute(scratch, name + b"-booted"), absolute(scratch, name + b"-clone")
    begun = [_begin(manager, root, asked, own) for root, own in zip(roots, scratches, strict=True)]
    booted = _answer_of_booted(begun[0], so_far.booted)
    clone, unreadable, found = Packages(), so_far.unreadable, (Made(), Made())
    try:
        clone = begun[1]()
        if booted is not None:
            found = made.made_by(
                PackageScripts(manager, roots[0], scratches[0], booted),
                PackageScripts(manager, roots[1], scratches[1], clone),
                asked,
            )
    except UnreadableError as error:
        if booted is not None or not isinstance(error, UnusedError):
            unreadable = f"the clone's package database cannot be relied on: {error}"
    except OSError as error:
        unreadable = f"the scripts of packages cannot be read: {in_short(error)}"
    return PackageSides(
        so_far.booted.and_also(booted or Packages()),
        so_far.clone.and_also(clone),
        unreadable,
        so_far.targets,
        (so_far.made[0].and_also(found[0]), so_far.made[1].and_also(found[1])),
    )


def _answer_of_booted(begun: Answer, so_far: Packages) -> Packages | None:
    """None if the manager is not in use, since there are packages of another one."""
    try:
        return begun()
    except UnreadableError as error:
        if isinstance(error, UnusedError) and so_far.installed:
            return None
        raise RefusedError(
            f"the booted system's package database cannot be relied on: {error}",
            "repair it and try again; with 'packages: none' the files of packages are"
            " synced like any other",
        ) from error


def _begin(manager: Manager, root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """Begin to ask. An error is kept for the answer, so that the booted side's comes first."""
    try:
        if not manager.is_present(root):
            raise UnusedError(f"there is no {manager.NAME} database")
        directories.make(scratch)
        return manager.begin(root, paths, scratch)
    except UnreadableError as error:
        return partial(_fail, error)


def _fail(error: UnreadableError) -> Packages:
    raise error
