"""What packages make that no list of files has: directories of their data, and accounts.

Their scripts, units and tmpfiles.d files name them. They are read, not run, and only those of
packages that one side alone has.
"""

import os
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.linux import safe_file
from drdwrap.linux.links_in_root import Resolver
from drdwrap.packages.database import Manager, Packages, directories_above
from drdwrap.paths.arithmetic import absolute, parent

_NAMED = re.compile(
    rb"(?:(?<![\w}/.$])|(?<=\bDPKG_ROOT)|(?<=\bDPKG_ROOT\})|(?<=\bDPKG_ROOT:-\}))"
    rb"/(var/(?:cache|lib|log|spool)/\w[\w.+@-]*(?:/[\w.+@-]+)*"
    rb"|etc/(?!systemd/)\w[\w.+@-]*(?:/[\w.+@-]+)*)"
)
"""Absolute paths where packages have their data. Elsewhere it is the administrator's that a script
names (/srv, /var/www) or generated for all packages (links below /etc/systemd)."""
_UNITS_DIRECTORY = re.compile(
    rb"^(Cache|Configuration|Logs|State)Directory[ \t]*=[ \t]*(.*)$", re.MULTILINE
)
_BASES = {b"Cache": b"var/cache", b"Configuration": b"etc", b"Logs": b"var/log"}
_STATE = (b"var/lib", b"var/lib/private")
_CONFIGURED = (
    b"usr/lib/systemd/system",
    b"usr/lib/sysusers.d",
    b"usr/lib/tmpfiles.d",
)
_ENDS = (b".conf", b".service")


@dataclass(frozen=True)
class Made:
    """About packages that only one side has: `places` are the paths they name, with a package for
    each; `texts` is everything in which they name something."""

    places: Mapping[bytes, str] = field(default_factory=dict)
    texts: Mapping[str, bytes] = field(default_factory=dict)

    def and_also(self, other: "Made") -> "Made":
        """Two managers' packages."""
        return Made({**other.places, **self.places}, {**other.texts, **self.texts})

    def package_that_names(self, word: bytes) -> str:
        """The first package (by name) whose texts have this word; empty for none."""
        whole = re.compile(rb"(?<![\w.-])%s(?![\w-])" % re.escape(word))
        return next((name for name in sorted(self.texts) if whole.search(self.texts[name])), "")


@dataclass(frozen=True)
class PackageScripts:
    """A side whose database has answered: to be asked for more."""

    manager: Manager
    root: bytes
    scratch: bytes
    answer: Packages


def made_by(
    booted: PackageScripts, clone: PackageScripts, at_stake: Collection[bytes]
) -> tuple[Made, Made]:
    """What the packages that only one side has make of the paths `at_stake`, and of the directories
    above them. OSError; UnreadableError.

    A path that packages of both sides name is no one's: they share it, or the package has another
    name on the other side.
    """
    sides = (booted, clone)
    only = (booted.answer.missing_in(clone.answer), clone.answer.missing_in(booted.answer))
    if not any(only):
        return Made(), Made()
    texts, theirs = [], set()
    for side, names in zip(sides, only, strict=True):
        files = dict(_files(side, names))
        theirs |= {path for paths in files.values() for path in paths}
        texts.append(_texts(side, names, files))
    wanted = {*at_stake, *directories_above(at_stake)}
    found = [
        {path: name for name, text in some.items() for path in named_in(text) & wanted}
        for some in texts
    ]
    shared = found[0].keys() & found[1].keys()
    shared |= _named_by_others(sides, only, theirs, (found[0].keys() | found[1].keys()) - shared)
    places = [{p: name for p, name in some.items() if p not in shared} for some in found]
    return Made(places[0], texts[0]), Made(places[1], texts[1])


def named_in(text: bytes) -> set[bytes]:
    """The places of data that a script, a unit or a tmpfiles.d file names, as relative paths."""
    found = {path.rstrip(b".") for path in _NAMED.findall(text)}
    for kind, names in _UNITS_DIRECTORY.findall(text):
        for name in names.split():
            bases = (_BASES[kind],) if kind in _BASES else _STATE
            found.update(base + b"/" + name.partition(b":")[0] for base in bases)
    return found


def _files(side: PackageScripts, names: Collection[str]) -> Iterator[tuple[str, list[bytes]]]:
    """The real paths of the units and the like of these packages."""
    resolver = Resolver(side.root)
    for name, files in side.manager.files(side.root, names, side.scratch):
        configured = [resolver.file(file[1:]) for file in files if file.endswith(_ENDS)]
        yield name, [path for path in configured if parent(path) in _CONFIGURED]


def _texts(
    side: PackageScripts, names: Collection[str], files: Mapping[str, list[bytes]]
) -> dict[str, bytes]:
    scripts = dict(side.manager.scripts(side.root, names, side.scratch))
    return {
        name: b"\n".join([scripts.get(name, b""), *_contents(side.root, files.get(name, ()))])
        for name in scripts.keys() | files.keys()
    }


def _named_by_others(
    sides: tuple[PackageScripts, PackageScripts],
    only: tuple[frozenset[str], frozenset[str]],
    theirs: set[bytes],
    places: set[bytes],
) -> set[bytes]:
    """Those of these places that packages name which both sides have."""
    if not places:
        return set()
    both = sides[0].answer.versions.keys() - only[0]
    scripts = sides[0].manager.scripts(sides[0].root, both, sides[0].scratch)
    texts = [text for _, text in scripts]
    for side in sides:
        for directory in _CONFIGURED:
            with suppress(OSError):
                names = os.listdir(absolute(side.root, directory))
                paths = (absolute(directory, name) for name in names if name.endswith(_ENDS))
                texts += _contents(side.root, (path for path in paths if path not in theirs))
    return {path for text in texts for path in named_in(text) & places}


def _contents(root: bytes, paths: Iterable[bytes]) -> Iterator[bytes]:
    for path in paths:
        with suppress(OSError):  # a link to another unit, or it was removed by hand
            yield safe_file.contents(absolute(root, path))
