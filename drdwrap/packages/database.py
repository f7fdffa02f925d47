"""What drdwrap asks of a package database, the same for every package manager."""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen


class UnreadableError(Exception):
    """A database that cannot be relied on (torn, missing, changing). Says why in a sentence."""


class UnusedError(UnreadableError):
    """No database, or one without packages: it is lost, or only the manager's tools are used."""


def in_short(error: OSError) -> str:
    """Which file of a database it is about, by its last name, and the system's message."""
    name = os.path.basename(os.fsencode(error.filename or b""))
    return f"{for_screen(name)}: {error.strerror}" if name else str(error.strerror)


@dataclass(frozen=True, slots=True)
class Template:
    """A configuration file as its package shipped it.

    `digest` is that of the contents, computed as the manager does, or empty if unknown. A file that
    a removed package left is not `installed`: it belongs to the administrator.
    """

    package: str
    digest: str
    installed: bool = True


@dataclass(frozen=True)
class Packages:
    """One root's packages, and which of the paths that were asked about are theirs.

    `installed` are name and version of each package. `owners` are paths with the package that owns
    each, as a name for the screen; `directories` are those among them that packages have as a
    directory. `templates` are the configuration files. `written` are paths that the manager's tools
    write and no package owns. `busy` names the process that is changing the database, or is empty.

    `holders` are all packages, as `installed` names them, that have a path or something below it;
    also of the directories above the paths that were asked about. `removed` are packages of which
    only configuration files are left; they can be holders.
    """

    installed: frozenset[tuple[str, str]] = frozenset()
    owners: Mapping[bytes, str] = field(default_factory=dict)
    directories: frozenset[bytes] = frozenset()
    templates: Mapping[bytes, Template] = field(default_factory=dict)
    written: frozenset[bytes] = frozenset()
    busy: str = ""
    holders: Mapping[bytes, Sequence[str]] = field(default_factory=dict)
    removed: frozenset[str] = frozenset()

    @cached_property
    def versions(self) -> Mapping[str, str]:
        """The version of each installed package; one of them if it is there several times."""
        return dict(self.installed)

    def owner_of_file(self, path: bytes) -> str:
        """The package that owns `path`, unless it has it as a directory; empty for none."""
        return "" if path in self.directories else self.owners.get(path, "")

    def and_also(self, other: "Packages") -> "Packages":
        """Two managers' answers about the same root, merged."""
        return Packages(
            self.installed | other.installed,
            {**other.owners, **self.owners},
            self.directories | other.directories,
            {**other.templates, **self.templates},
            self.written | other.written,
            self.busy or other.busy,
            {
                path: [*self.holders.get(path, ()), *other.holders.get(path, ())]
                for path in self.holders.keys() | other.holders.keys()
            },
            self.removed | other.removed,
        )

    def missing_in(self, other: "Packages") -> frozenset[str]:
        """The packages that are installed here and not there, and those that are only removed here
        and not even that there (they were purged)."""
        here, there = frozenset(self.versions), frozenset(other.versions)
        return (here - there) | (self.removed - there - other.removed)


def directories_above(paths: Iterable[bytes]) -> set[bytes]:
    """All directories above these paths, except the root."""
    found: set[bytes] = set()
    for path in paths:
        while (path := parent(path)) and path not in found:
            found.add(path)
    return found


Answer = Callable[[], Packages]
"""Waits for a database's answer and returns it."""


class Manager(Protocol):
    """The contents of a package manager's file. Roots are absolute, paths relative to them."""

    NAME: str

    def is_present(self, root: bytes) -> bool:
        """Whether the root has a database of this manager."""

    def begin(self, root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
        """Begin to ask the root's database about these paths, so that both sides' databases can be
        read at the same time. `scratch` is an empty directory to use until the answer is there.

        UnreadableError, now or from the answer, if the database cannot be relied on.
        """

    def scripts(
        self, root: bytes, names: Collection[str], scratch: bytes
    ) -> Iterator[tuple[str, bytes]]:
        """Of each of these packages, as `Packages.installed` names them: what its scripts say.
        `scratch` is that of an answer. OSError, or ProgramError, if they cannot be read."""

    def files(
        self, root: bytes, names: Collection[str], scratch: bytes
    ) -> Iterator[tuple[str, list[bytes]]]:
        """The same for the names of its files, as the database has them (with a leading slash)."""
