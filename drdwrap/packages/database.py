"""What a package manager's database says, whichever manager it is."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Protocol


class UnreadableError(Exception):
    """A database that says nothing to rely on: torn, missing, or being changed. A sentence."""


class UnusedError(UnreadableError):
    """No database, or one without a package: lost, or the manager is there for its tools alone."""


@dataclass(frozen=True, slots=True)
class Template:
    """A configuration file as its package shipped it.

    `digest` is that of the contents, in the manager's own way, or empty if it cannot be told. What
    a removed package left is not `installed`: it is the administrator's.
    """

    package: str
    digest: str
    installed: bool = True


@dataclass(frozen=True)
class Packages:
    """One root's packages, and what they have to do with the paths that were asked about.

    `installed` are name and version of each package. `owners` has the package that owns a path,
    as a name for the screen; those that packages have as `directories` are apart. `templates` are
    the configuration files, `written` are paths that the manager's tools keep and no package owns.
    `busy` names the process that is changing the database, if any.
    """

    installed: frozenset[tuple[str, str]] = frozenset()
    owners: Mapping[bytes, str] = field(default_factory=dict)
    directories: frozenset[bytes] = frozenset()
    templates: Mapping[bytes, Template] = field(default_factory=dict)
    written: frozenset[bytes] = frozenset()
    busy: str = ""

    def owner_of_file(self, path: bytes) -> str:
        """The package that has `path` as anything but a directory, or the empty string."""
        return "" if path in self.directories else self.owners.get(path, "")

    def and_also(self, other: "Packages") -> "Packages":
        """Two managers' answers about the same root as one."""
        return Packages(
            self.installed | other.installed,
            {**other.owners, **self.owners},
            self.directories | other.directories,
            {**other.templates, **self.templates},
            self.written | other.written,
            self.busy or other.busy,
        )


Answer = Callable[[], Packages]
"""Waits for what a database says, and returns it."""


class Manager(Protocol):
    """What a package manager's file has to offer. Roots are absolute, paths relative to them."""

    NAME: str

    def is_present(self, root: bytes) -> bool:
        """Whether the root has a database of this manager."""

    def begin(self, root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
        """Ask the root's database about these paths. `scratch` is an empty directory to use until
        the answer is there, so that both sides' databases can be read at the same time.

        UnreadableError, now or with the answer, when it says nothing to rely on.
        """
