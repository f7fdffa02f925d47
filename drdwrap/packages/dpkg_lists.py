"""Whose the paths are: dpkg's file lists and its diversions."""

import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from drdwrap.linux import safe_file
from drdwrap.linux.links_in_root import Resolver, last_part
from drdwrap.packages.database import UnreadableError, directories_above
from drdwrap.packages.dpkg_status import Package, listed
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of


def lists(directory: bytes, packages: Iterable[Package]) -> Iterator[tuple[Package, list[bytes]]]:
    """The paths of every package, as dpkg names them (with a leading slash); installed ones first.

    The list of a removed package has its configuration files, and directories that were not empty.
    OSError; UnreadableError if a list is missing.
    """
    present = listed(directory)
    for package in sorted(packages, key=lambda package: not package.is_installed):
        name = next((name for name in package.info_names if name in present), None)
        if name is not None:
            lines = safe_file.contents(absolute(directory, b"info/" + name + b".list")).split(b"\n")
            yield package, lines
        elif package.is_installed:
            raise UnreadableError(
                f"dpkg's file list of {for_screen(package.name)} is missing"
                f" (apt-get install --reinstall {for_screen(package.name)} restores it)"
            )


@dataclass(frozen=True)
class Diversions:
    """By real path: the other real path that the files of all packages except one go to, and the
    name of that one package (`:` if it is the administrator's diversion)."""

    by_path: Mapping[bytes, tuple[bytes, bytes]]

    @classmethod
    def read(cls, directory: bytes, resolver: Resolver) -> "Diversions":
        """OSError; UnreadableError."""
        try:
            lines = lines_of(safe_file.contents(absolute(directory, b"diversions")))
        except FileNotFoundError:
            lines = []
        if len(lines) % 3:
            raise UnreadableError("dpkg's file diversions is torn")
        return cls(
            {
                resolver.file(path[1:]): (resolver.file(to[1:]), package)
                for path, to, package in zip(lines[0::3], lines[1::3], lines[2::3], strict=True)
            }
        )

    def place(self, path: bytes, package: Package) -> bytes:
        """Where `package` really has the file that it lists as `path` (both real paths)."""
        to, diverting = self.by_path.get(path, (path, package.name))
        return path if diverting == package.name else to

    def sources(self, paths: set[bytes]) -> set[bytes]:
        """The paths to search the lists for, to find the owners of `paths`."""
        return paths | {path for path, (to, _) in self.by_path.items() if to in paths}


@dataclass
class Owned:
    """See the fields of `Packages` with the same names."""

    owners: dict[bytes, str] = field(default_factory=dict)
    directories: set[bytes] = field(default_factory=set)
    holders: dict[bytes, list[str]] = field(default_factory=dict)

    def hold(self, path: bytes, package: str) -> None:
        holders = self.holders.setdefault(path, [])
        if not holders or holders[-1] != package:
            holders.append(package)


def owned(
    found: Iterable[tuple[Package, list[bytes]]],
    paths: Collection[bytes],
    diversions: Diversions,
    root: bytes,
    resolver: Resolver,
) -> Owned:
    """The packages of these paths, and of the directories above them; `found` are the `lists`."""
    wanted = set(paths)
    above = _lines_of_directories(directories_above(wanted), root, resolver)
    sources = diversions.sources(wanted)
    names = {last_part(path) for path in sources}
    names_too = names.union(map(last_part, above))
    result = Owned()
    for package, lines in found:
        key, inside = package.key, None
        for line in [line for line in lines if line[line.rfind(b"/") + 1 :] in names_too]:
            if line in above:
                result.hold(above[line], key)
            if last_part(line) not in names or (real := resolver.file(line[1:])) not in sources:
                continue
            path = diversions.place(real, package)
            if path not in wanted:
                continue
            result.hold(path, key)
            if package.is_installed:
                if inside is None:
                    inside = {line[: line.rfind(b"/")] for line in lines}
                result.owners[path] = package.shown
                if line in inside:
                    result.directories.add(path)
            elif path not in result.owners and not package.has_conffile(line[1:]):
                # Its configuration files are the administrator's now.
                result.owners[path] = package.shown
                result.directories.add(path)
    return result


def _lines_of_directories(
    directories: Collection[bytes], root: bytes, resolver: Resolver
) -> dict[bytes, bytes]:
    """How the lists may name these directories (real paths). A directory has another name where a
    link leads to it, or above it; such links are searched where systems have them."""
    lines = {b"/" + path: path for path in directories}
    for link in _links(root):
        real = resolver.directory(link)
        for path in directories if real else ():
            if path.startswith(real) and is_below(path, real):
                lines.setdefault(b"/" + link + path[len(real) :], path)
    return lines


def _links(root: bytes) -> Iterator[bytes]:
    for above in (b"", b"etc", b"usr", b"var"):
        try:
            entries = list(os.scandir(absolute(root, above)))
        except OSError:
            continue
        for entry in entries:
            if entry.is_symlink():
                yield above + b"/" + entry.name if above else entry.name
