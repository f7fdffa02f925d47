"""A full upgrade of the clone without questions, by its own package manager."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from drdwrap.boot.root_files import RootFiles
from drdwrap.errors import RefusedError

ENVIRONMENT = {b"DEBIAN_FRONTEND": b"noninteractive", b"APT_LISTCHANGES_FRONTEND": b"none"}

_KEEP = (b"-o", b"Dpkg::Options::=--force-confdef", b"-o", b"Dpkg::Options::=--force-confold")
"""Configuration files that were changed are kept; of the others the new version is taken."""

_COMMANDS = {
    b"apt-get": (
        (b"apt-get", b"update"),
        (b"apt-get", b"--yes", *_KEEP, b"full-upgrade"),
    ),
    b"dnf": ((b"dnf", b"--assumeyes", b"--refresh", b"upgrade"),),
}


@dataclass(frozen=True)
class PackageChange:
    """A package and its versions before and after; empty where it was not, or is not, there."""

    name: str
    before: str
    after: str


def commands(root: bytes) -> tuple[tuple[bytes, ...], ...]:
    """The commands that upgrade the clone at `root`, in order. RefusedError if it has neither apt
    nor dnf."""
    files = RootFiles(root)
    for program, found in _COMMANDS.items():
        if files.has_program(program):
            return found
    raise RefusedError(
        "the clone has neither apt-get nor dnf",
        "name its package manager's command: 'drdwrap runcmd -- COMMAND'",
    )


def changed(
    before: Collection[tuple[str, str]], after: Collection[tuple[str, str]]
) -> Iterator[PackageChange]:
    """The packages (name and version) that differ, sorted by name."""
    old, new = _versions(before), _versions(after)
    for name in sorted(old.keys() | new.keys()):
        if old[name] != new[name]:
            yield PackageChange(name, ", ".join(old[name]), ", ".join(new[name]))


def _versions(packages: Collection[tuple[str, str]]) -> defaultdict[str, list[str]]:
    """Mostly one, but several of a kernel under rpm."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for name, version in sorted(packages):
        found[name].append(version)
    return found
