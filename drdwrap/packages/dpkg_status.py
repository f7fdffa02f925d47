"""The packages in dpkg's status file, as deb-status and dpkg(1) describe it.

python-debian takes six times as long for the status file and does not read the rest. The notes in
`updates/`, newer than the status file, count as well.
"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass

from drdwrap.linux import safe_file
from drdwrap.packages.database import UnreadableError
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

_FIELD = re.compile(
    rb"^(Package|Status|Architecture|Version|Conffiles):[ \t]*(.*(?:\n[ \t].*)*)", re.M | re.I
)
_DIGEST = re.compile(r"[0-9a-f]{32,}")
_REMOVED = b"config-files"
_GONE = frozenset({b"not-installed", _REMOVED})
"""The states of a package without files, or with only its configuration files left."""


@dataclass(frozen=True, slots=True)
class Package:
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
    def is_removed(self) -> bool:
        """Whether its configuration files are left, and its scripts."""
        return self.state == _REMOVED

    @property
    def key(self) -> str:
        """Its name for the screen: as `dpkg --install` has it, with the architecture."""
        return f"{for_screen(self.name)}:{for_screen(self.architecture)}"

    @property
    def info_names(self) -> tuple[bytes, bytes]:
        """The possible beginnings of its files' names in `info/`. A package that can be installed
        for several architectures at once has its architecture in them."""
        return self.name + b":" + self.architecture, self.name

    @property
    def shown(self) -> str:
        return f"{for_screen(self.name)} {for_screen(self.version)}"

    def has_conffile(self, path: bytes) -> bool:
        """Whether `path`, as dpkg names it but without the leading slash, is one."""
        return any(name == path for name, _, _ in self.conffiles)


def listed(directory: bytes) -> set[bytes]:
    """The names of all file lists, without their suffix."""
    names = os.listdir(absolute(directory, b"info"))
    return {name[:-5] for name in names if name.endswith(b".list")}


def packages(directory: bytes) -> list[Package]:
    """Every package of the status file in dpkg's `directory` (absolute), updated from `updates/`,
    and every package that has only a file list. OSError; UnreadableError if the file is torn."""
    status = safe_file.contents(absolute(directory, b"status"))
    found = {(p.name, p.architecture): p for p in _stanzas(status, "status")}
    updates = absolute(directory, b"updates")
    for name in sorted(os.listdir(updates)) if os.path.isdir(updates) else []:
        if name.isdigit():  # dpkg is still writing the others
            content = safe_file.contents(absolute(updates, name))
            for package in _stanzas(content, f"updates/{for_screen(name)}"):
                found[package.name, package.architecture] = package
    known = list(found.values())
    strays = listed(directory) - {name for p in known for name in p.info_names}
    if strays and not status.endswith(b"\n\n"):
        raise UnreadableError(
            f"dpkg's status file is torn: it does not know {for_screen(min(strays))}, which has a"
            " file list"
        )
    return known + [Package(*_split(name), b"?", b"unknown", ()) for name in sorted(strays)]


def _split(name: bytes) -> tuple[bytes, bytes]:
    package, _, architecture = name.partition(b":")
    return package, architecture


def _stanzas(data: bytes, name: str) -> Iterator[Package]:
    if data and not data.endswith(b"\n"):
        raise UnreadableError(f"dpkg's file {name} is torn: its last line is incomplete")
    for stanza in data.split(b"\n\n"):
        if not stanza.strip():
            continue
        fields = {match[1].lower(): match[2] for match in _FIELD.finditer(stanza)}
        try:
            state = fields[b"status"].split()[2]
            version = b"" if state == b"not-installed" else fields[b"version"]
            yield Package(
                fields[b"package"],
                fields.get(b"architecture", b""),
                version,
                state,
                tuple(_conffiles(fields.get(b"conffiles", b""))),
            )
        except (KeyError, IndexError) as error:
            first = for_screen(lines_of(stanza.strip())[0])
            raise UnreadableError(f"dpkg's file {name} is torn, at '{first}'") from error


def _conffiles(field: bytes) -> Iterator[tuple[bytes, str, bool]]:
    """Lines of path, digest and marks. Before the digest is known, a word takes its place."""
    for line in lines_of(field):
        words = line.strip(b" \t").split(b" ")
        obsolete = False
        while words[-1:] in ([b"obsolete"], [b"remove-on-upgrade"]):
            words.pop()
            obsolete = True
        if len(words) > 1 and words[0].startswith(b"/"):
            digest = words.pop().decode("ascii", "replace")
            yield b" ".join(words)[1:], digest if _DIGEST.fullmatch(digest) else "", obsolete
