"""dpkg's database, as deb-status and dpkg(1) describe it: the status file, the lists, diversions.

python-debian would read the status file, in six times the time, and nothing of the rest. What
dpkg has noted in `updates/` since it last wrote the status file counts as well.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial

from drdwrap.linux import file_lock
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
"""The states in which a package has no files, or none but what the administrator may keep."""


@dataclass(frozen=True, slots=True)
class _Package:
    """One stanza. `conffiles` are path (as dpkg names it), digest, and whether it is obsolete."""

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
        """What its list may be called: those of which several architectures can be installed at
        once have theirs in it."""
        return self.name + b":" + self.architecture, self.name

    @property
    def shown(self) -> str:
        return f"{for_screen(self.name)} {for_screen(self.version)}"


def is_present(root: bytes) -> bool:
    """Whether the root has a status file, or the lists that go with one."""
    directory = _directory(Resolver(root), root)
    return any(os.path.lexists(absolute(directory, name)) for name in (b"status", b"info"))


def begin(root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """See `Manager`. Digests are MD5, in hexadecimal."""
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
    """Who is at work: dpkg, or apt, which lets go of dpkg's own lock whenever it runs dpkg."""
    return file_lock.holder(absolute(directory, b"lock")) or file_lock.holder(
        absolute(directory, b"lock-frontend")
    )


def _content(path: bytes) -> bytes:
    # O_NONBLOCK and O_NOFOLLOW: whatever stands there, reading it never waits nor leads elsewhere.
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    with open(descriptor, "rb") as file:
        return file.read()


def _packages(directory: bytes) -> list[_Package]:
    """Every package of the status file, as the updates since have it, and those it forgot.

    UnreadableError if the file is torn.
    """
    status = _content(absolute(directory, b"status"))
    found = {(p.name, p.architecture): p for p in _stanzas(status, "status")}
    updates = absolute(directory, b"updates")
    for name in sorted(os.listdir(updates)) if os.path.isdir(updates) else []:
        if name.isdigit():  # the others are not complete yet
            for package in _stanzas(
                _content(absolute(updates, name)), f"updates/{for_screen(name)}"
            ):
                found[package.name, package.architecture] = package
    packages = list(found.values())
    strays = _listed(directory) - {name for p in packages for name in p.list_names}
    if strays and not status.endswith(b"\n\n"):
        raise UnreadableError(
            f"dpkg's status file is torn: it does not know {for_screen(min(strays))}, whose list of"
            " files is there"
        )
    return packages + [_Package(*_split(name), b"?", b"unknown", ()) for name in sorted(strays)]


def _split(name: bytes) -> tuple[bytes, bytes]:
    package, _, architecture = name.partition(b":")
    return package, architecture


def _stanzas(data: bytes, name: str) -> Iterator[_Package]:
    if data and not data.endswith(b"\n"):
        raise UnreadableError(f"dpkg's file {name} is torn: its last line is not complete")
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
    """Lines of path, digest and marks; the digest is a word instead before it is known."""
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
    """While a package is being unpacked its new files are there and no list has them yet."""
    for package in packages:
        if busy and package.state == b"half-installed":
            raise UnreadableError(f"dpkg ({busy}) is unpacking {for_screen(package.name)}")


def _listed(directory: bytes) -> set[bytes]:
    """The names of the lists that there are, without their suffix."""
    names = os.listdir(absolute(directory, b"info"))
    return {name[:-5] for name in names if name.endswith(b".list")}


def _lists(directory: bytes, packages: list[_Package]) -> Iterator[tuple[_Package, list[bytes]]]:
    """The paths of every package, as dpkg names them, with a leading slash; installed ones first.

    A removed one has, beside the configuration files that are the administrator's now, directories
    that were not empty: dpkg misses them still.
    """
    present = _listed(directory)
    for package in sorted(packages, key=lambda package: not package.is_installed):
        name = next((name for name in package.list_names if name in present), None)
        if name is not None:
            lines = _content(absolute(directory, b"info/" + name + b".list")).split(b"\n")
            if not package.is_installed:
                kept = {b"/" + path for path, _, _ in package.conffiles}
                lines = [line for line in lines if line not in kept]
            yield package, lines
        elif package.is_installed:
            raise UnreadableError(
                f"dpkg's list of the files of {for_screen(package.name)} is missing"
                f" (apt-get install --reinstall {for_screen(package.name)} makes it)"
            )


@dataclass(frozen=True)
class _Diversions:
    """Where the files of all packages but one go instead: by real path, the other real path and
    the one package's name (`:` if it is the administrator's diversion)."""

    by_path: Mapping[bytes, tuple[bytes, bytes]]

    @classmethod
    def read(cls, directory: bytes, resolver: Resolver) -> "_Diversions":
        try:
            lines = _content(absolute(directory, b"diversions")).splitlines()
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
        """Where `package` has what it lists as `path` (a real path)."""
        to, diverting = self.by_path.get(path, (path, package.name))
        return path if diverting == package.name else to

    def sources(self, paths: set[bytes]) -> set[bytes]:
        """What has to be looked for in the lists to find these paths."""
        return paths | {path for path, (to, _) in self.by_path.items() if to in paths}


def _owners(
    lists: Iterable[tuple[_Package, list[bytes]]],
    paths: set[bytes],
    diversions: _Diversions,
    resolver: Resolver,
) -> tuple[dict[bytes, str], frozenset[bytes]]:
    """Which package has which of these paths, and which of them are directories there."""
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
    """The configuration files. One that several packages have counts as installed if any is; what
    one of them no longer ships does not count beside what another does."""
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
