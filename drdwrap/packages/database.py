"""What drdwrap asks of a package database, the same for every package manager."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class UnreadableError(Exception):
    """A database that cannot be relied on (torn, missing, changing). Says why in a sentence."""


class UnusedError(UnreadableError):
    """No database, or one without packages: it is lost, or only the manager's tools are used."""


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
    """

    installed: frozenset[tuple[str, str]] = frozenset()
    owners: Mapping[bytes, str] = field(default_factory=dict)
    directories: frozenset[bytes] = frozenset()
    templates: Mapping[bytes, Template] = field(default_factory=dict)
    written: frozenset[bytes] = frozenset()
    busy: str = ""

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
        )


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
