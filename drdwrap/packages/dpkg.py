"""dpkg's database as deb-status and dpkg(1) describe it: status file, file lists, diversions.

python-debian takes six times as long for the status file and does not read the rest. The notes in
`updates/`, newer than the status file, count as well.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from drdwrap.linux import lock_holder, safe_file
from drdwrap.linux.links_in_root import Resolver, last_part
from drdwrap.packages import alternatives, ucf
from drdwrap.packages.database import Answer, Packages, Template, UnreadableError
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

NAME = "dpkg"
_DATABASE = b"var/lib/dpkg"
_FIELD = re.compile(
    rb"^(Package|Status|Architecture|Version|Conffiles):[ \t]*(.*(?:\n[ \t].*)*)", re.M | re.I
)
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_GONE = frozenset({b"not-installed", b"config-files"})
"""The states of a package without files, or with only its configuration files left."""


@dataclass(frozen=True, slots=True)
class _Package:
    """One stanza. A conffile is its path (as dpkg names it), digest, and whether it is obsolete."""

    name: bytes
    architecture: bytes
    version: bytes
    state: bytes
    conffiles: tuple[tuple[bytes, str, bool], ...]

    @property
    def is_installed(self) -> bool:
        return self.state not in _GONE

    @property
    def list_names(self) -> tuple[bytes, bytes]:
        """The possible names of its file list. A package that can be installed for several
        architectures at once has its architecture in it."""
        return self.name + b":" + self.architecture, self.name

    @property
    def shown(self) -> str:
        return f"{for_screen(self.name)} {for_screen(self.version)}"


def is_present(root: bytes) -> bool:
    """Whether the root has a status file, or file lists."""
    directory = _directory(Resolver(root), root)
    return any(os.path.lexists(absolute(directory, name)) for name in (b"status", b"info"))


def begin(root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """See `Manager`. Digests are MD5 in hexadecimal."""
    del scratch
    return partial(_read, root, paths)


def _read(root: bytes, paths: Collection[bytes]) -> Packages:
    resolver = Resolver(root)
    directory = _directory(resolver, root)
    try:
        packages = _packages(directory)
        busy = _holder(directory)
        _refuse_half_done(packages, busy)
        diversions = _Diversions.read(directory, resolver)
        templates = {
            **ucf.templates(root, resolver),
            **_templates(packages, diversions, resolver),
        }
        written = alternatives.links(root, _DATABASE + b"/alternatives", resolver)
        lists = _lists(directory, packages)
        owners, directories = _owners(lists, set(paths), diversions, resolver)
    except OSError as error:
        raise UnreadableError(f"dpkg's database cannot be read: {error.strerror}") from error
    installed = frozenset(
        (f"{for_screen(p.name)}:{for_screen(p.architecture)}", for_screen(p.version))
        for p in packages
        if p.is_installed
    )
    return Packages(
        installed,
        owners,
        directories,
        templates,
        frozenset(written),
        busy and f"{busy} (dpkg, or apt)",
    )


def _directory(resolver: Resolver, root: bytes) -> bytes:
    return absolute(root, resolver.directory(_DATABASE))


def _holder(directory: bytes) -> str:
    """The process that changes packages: dpkg, or apt, which frees dpkg's own lock to run dpkg."""
    return lock_holder.of(absolute(directory, b"lock")) or lock_holder.of(
        absolute(directory, b"lock-frontend")
    )


def _packages(directory: bytes) -> list[_Package]:
    """Every package of the status file, updated from `updates/`, and every package that has only a
    file list. UnreadableError if the status file is torn."""
    status = safe_file.contents(absolute(directory, b"status"))
    found = {(p.name, p.architecture): p for p in _stanzas(status, "status")}
    updates = absolute(directory, b"updates")
    for name in sorted(os.listdir(updates)) if os.path.isdir(updates) else []:
        if name.isdigit():  # dpkg is still writing the others
            content = safe_file.contents(absolute(updates, name))
            for package in _stanzas(content, f"updates/{for_screen(name)}"):
                found[package.name, package.architecture] = package
    packages = list(found.values())
    strays = _listed(directory) - {name for p in packages for name in p.list_names}
    if strays and not status.endswith(b"\n\n"):
        raise UnreadableError(
            f"dpkg's status file is torn: it does not know {for_screen(min(strays))}, which has a"
            " file list"
        )
    return packages + [_Package(*_split(name), b"?", b"unknown", ()) for name in sorted(strays)]


def _split(name: bytes) -> tuple[bytes, bytes]:
    package, _, architecture = name.partition(b":")
    return package, architecture


def _stanzas(data: bytes, name: str) -> Iterator[_Package]:
    if data and not data.endswith(b"\n"):
        raise UnreadableError(f"dpkg's file {name} is torn: its last line is incomplete")
    for stanza in data.split(b"\n\n"):
        if not stanza.strip():
            continue
        fields = {match[1].lower(): match[2] for match in _FIELD.finditer(stanza)}
        try:
            state = fields[b"status"].split()[2]
            version = b"" if state == b"not-installed" else fields[b"version"]
            yield _Package(
                fields[b"package"],
                fields.get(b"architecture", b""),
                version,
                state,
                tuple(_conffiles(fields.get(b"conffiles", b""))),
            )
        except (KeyError, IndexError) as error:
            first = for_screen(stanza.strip().splitlines()[0])
            raise UnreadableError(f"dpkg's file {name} is torn, at '{first}'") from error


def _conffiles(field: bytes) -> Iterator[tuple[bytes, str, bool]]:
    """Lines of path, digest and marks. Before the digest is known, a word takes its place."""
    for line in field.splitlines():
        words = line.strip().split(b" ")
        obsolete = False
        while words[-1:] in ([b"obsolete"], [b"remove-on-upgrade"]):
            words.pop()
            obsolete = True
        if len(words) > 1 and words[0].startswith(b"/"):
            digest = words.pop().decode("ascii", "replace")
            yield b" ".join(words)[1:], digest if _DIGEST.fullmatch(digest) else "", obsolete


def _refuse_half_done(packages: list[_Package], busy: str) -> None:
    """UnreadableError while a package is unpacked: its new files are there and in no list yet."""
    for package in packages:
        if busy and package.state == b"half-installed":
            raise UnreadableError(f"dpkg ({busy}) is unpacking {for_screen(package.name)}")


def _listed(directory: bytes) -> set[bytes]:
    """The names of all file lists, without their suffix."""
    names = os.listdir(absolute(directory, b"info"))
    return {name[:-5] for name in names if name.endswith(b".list")}


def _lists(directory: bytes, packages: list[_Package]) -> Iterator[tuple[_Package, list[bytes]]]:
    """The paths of every package, as dpkg names them (with a leading slash); installed ones first.

    The list of a removed package has its configuration files, which belong to the administrator
    now and are left out, and directories that were not empty.
    """
    present = _listed(directory)
    for package in sorted(packages, key=lambda package: not package.is_installed):
        name = next((name for name in package.list_names if name in present), None)
        if name is not None:
            lines = safe_file.contents(absolute(directory, b"info/" + name + b".list")).split(b"\n")
            if not package.is_installed:
                kept = {b"/" + path for path, _, _ in package.conffiles}
                lines = [line for line in lines if line not in kept]
            yield package, lines
        elif package.is_installed:
            raise UnreadableError(
                f"dpkg's file list of {for_screen(package.name)} is missing"
                f" (apt-get install --reinstall {for_screen(package.name)} restores it)"
            )


@dataclass(frozen=True)
class _Diversions:
    """By real path: the other real path that the files of all packages except one go to, and the
    name of that one package (`:` if it is the administrator's diversion)."""

    by_path: Mapping[bytes, tuple[bytes, bytes]]

    @classmethod
    def read(cls, directory: bytes, resolver: Resolver) -> "_Diversions":
        try:
            lines = safe_file.contents(absolute(directory, b"diversions")).splitlines()
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

    def place(self, path: bytes, package: _Package) -> bytes:
        """Where `package` really has the file that it lists as `path` (both real paths)."""
        to, diverting = self.by_path.get(path, (path, package.name))
        return path if diverting == package.name else to

    def sources(self, paths: set[bytes]) -> set[bytes]:
        """The paths to search the lists for, to find the owners of `paths`."""
        return paths | {path for path, (to, _) in self.by_path.items() if to in paths}


def _owners(
    lists: Iterable[tuple[_Package, list[bytes]]],
    paths: set[bytes],
    diversions: _Diversions,
    resolver: Resolver,
) -> tuple[dict[bytes, str], frozenset[bytes]]:
    """The package that owns each of these paths, and which of them are directories there."""
    sources = diversions.sources(paths)
    names = {last_part(path) for path in sources}
    owners, directories = {}, set()
    for package, lines in lists:
        for line in [line for line in lines if line[line.rfind(b"/") + 1 :] in names]:
            real = resolver.file(line[1:])
            if real not in sources:
                continue
            path = diversions.place(real, package)
            if path in paths and (package.is_installed or path not in owners):
                owners[path] = package.shown
                if not package.is_installed or any(
                    other.startswith(line + b"/") for other in lines
                ):
                    directories.add(path)
    return owners, frozenset(directories)


def _templates(
    packages: list[_Package], diversions: _Diversions, resolver: Resolver
) -> dict[bytes, Template]:
    """The configuration files, by real path. If several packages have one, installed packages come
    before removed ones, and those that still ship it before those that no longer do."""
    claims: dict[bytes, dict[tuple[bool, bool], dict[str, str]]] = {}
    for package in packages:
        for name, digest, obsolete in package.conffiles:
            path = diversions.place(resolver.file(name), package)
            rank = (package.is_installed, not obsolete)
            claims.setdefault(path, {}).setdefault(rank, {})[package.shown] = digest
    result = {}
    for path, by_rank in claims.items():
        rank = max(by_rank)
        digests = sorted(set(by_rank[rank].values()))
        digest = "" if "" in digests else " and ".join(digests)
        result[path] = Template(", ".join(sorted(by_rank[rank])), digest, rank[0])
    return result
