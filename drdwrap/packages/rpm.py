"""rpm's database, read by `rpm` itself from a copy: a query can write to the database's directory.

`rpm` tells sqlite, ndb and bdb apart. A database that it cannot read, because of a newer format for
example, is reported as unreadable.
"""

import errno
import os
import shutil
import sqlite3
from collections.abc import Callable, Collection, Iterator, Set
from contextlib import closing
from dataclasses import dataclass, replace

from drdwrap.errors import ProgramError
from drdwrap.linux import lock_holder, process
from drdwrap.linux.links_in_root import Resolver, last_part
from drdwrap.packages import alternatives
from drdwrap.packages.database import (
    Answer,
    Packages,
    Template,
    UnreadableError,
    UnusedError,
    directories_above,
    in_short,
)
from drdwrap.paths.arithmetic import absolute, ancestors
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

NAME = "rpm"
_DIRECTORIES = (b"usr/lib/sysimage/rpm", b"var/lib/rpm")
_DATABASES = (b"rpmdb.sqlite", b"Packages.db", b"Packages")
_LOCK = b".rpm.lock"
_LARGEST = 2 << 30
"""Bytes of a database's file. A machine with ten thousand packages has a tenth of that."""

_QUERY = (
    "%{NAME}\t%{ARCH}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\x01"
    "[%{DIRNAMES}\n]\x01[%{BASENAMES}\n]\x01[%{DIRINDEXES} ]\x01"
    "[%{FILEFLAGS} ]\x01[%{FILESTATES} ]\x01[%{FILEMODES} ]\x01[%{FILEDIGESTS}\n]\x02"
)
"""The columns as the database has them: rpm takes twice as long to print whole file names."""

_KEY = "%{NAME}.%{ARCH}\x01"
_SCRIPTS = _KEY + "".join(
    f"%|{script}?{{%{{{script}}}\n}}|"
    for script in ("PREIN", "POSTIN", "PREUN", "POSTUN", "PRETRANS", "POSTTRANS")
)
_FILES = _KEY + "[%{FILENAMES}\n]"

_CONFIGURATION, _GHOST = 1, 1 << 6
"""RPMFILE_CONFIG and RPMFILE_GHOST of rpmfiles.h. The other flags (documentation, licence) do not
matter here."""
_NORMAL = b"0"
"""RPMFILE_STATE_NORMAL: the file was installed, and not replaced by another package."""
_NONE = b"(none)"


def is_present(root: bytes) -> bool:
    """Whether the root has a database of one of the three kinds."""
    return _database(root) is not None


def begin(root: bytes, paths: Collection[bytes], scratch: bytes) -> Answer:
    """See `Manager`. Digests are the package's, mostly SHA-256, in hexadecimal."""
    directory = _database(root)
    if directory is None:
        raise UnreadableError("there is no rpm database")
    # While a package is installed, its new files are there and not in the database yet.
    _refuse_locked(directory)
    resolver = Resolver(root)
    try:
        _copy(directory, scratch)
        written = alternatives.links(root, b"var/lib/alternatives", resolver)
    except OSError as error:
        raise UnreadableError(f"rpm's database cannot be read: {in_short(error)}") from error
    _refuse_locked(directory)
    if _is_empty(absolute(scratch, _DATABASES[0])):
        raise UnusedError("there is no package in rpm's database")
    asked = _ask(scratch, _QUERY)

    def answer() -> Packages:
        found = _answer(list(_headers(asked())), set(paths), resolver)
        return replace(found, written=frozenset(written))

    return answer


def scripts(root: bytes, names: Collection[str], scratch: bytes) -> Iterator[tuple[str, bytes]]:
    """See `Manager`."""
    del root
    return _told(scratch, _SCRIPTS, names)


def files(root: bytes, names: Collection[str], scratch: bytes) -> Iterator[tuple[str, list[bytes]]]:
    """See `Manager`."""
    del root
    return ((name, told.split(b"\n")) for name, told in _told(scratch, _FILES, names))


def _told(scratch: bytes, query: str, names: Collection[str]) -> Iterator[tuple[str, bytes]]:
    for record in _ask(scratch, query + "\x02")().split(b"\x02")[:-1]:
        name, _, told = record.partition(b"\x01")
        if for_screen(name) in names:
            yield for_screen(name), told


def _refuse_locked(directory: bytes) -> None:
    busy = lock_holder.of(absolute(directory, _LOCK), writing_only=True)
    if busy:
        raise UnreadableError(f"rpm ({busy}) is installing or removing packages")


def _database(root: bytes) -> bytes | None:
    resolver = Resolver(root)
    for name in _DIRECTORIES:
        directory = absolute(root, resolver.directory(name))
        if any(os.path.isfile(absolute(directory, database)) for database in _DATABASES):
            return directory
    return None


def _copy(directory: bytes, scratch: bytes) -> None:
    for entry in os.scandir(directory):
        # Berkeley DB's regions and locks are of no use outside their directory.
        if entry.is_file(follow_symlinks=False) and not entry.name.startswith((b".", b"__db.")):
            if entry.stat(follow_symlinks=False).st_size > _LARGEST:
                raise OSError(errno.EFBIG, f"larger than {_LARGEST >> 30} GiB", entry.path)
            shutil.copyfile(entry.path, absolute(scratch, entry.name), follow_symlinks=False)


def _is_empty(database: bytes) -> bool:
    """Whether it is an sqlite database without packages, as Debian's rpm makes when it runs."""
    if not os.path.exists(database):
        return False
    with closing(sqlite3.connect(database)) as connection:
        try:
            found: tuple[int] = connection.execute("SELECT count(*) FROM Packages").fetchone()
        except sqlite3.Error:
            return False  # rpm will say what is wrong
    return found == (0,)


def _ask(database: bytes, query: str) -> Callable[[], bytes]:
    """Begin to ask for all headers with a query. UnreadableError with rpm's message."""
    path = absolute(database, b"answer")
    arguments: list[bytes | str] = ["--dbpath", database, "-qa", "--nosignature", "--nodigest"]
    try:
        with open(path, "wb") as file:
            running = process.start("rpm", [*arguments, "--qf", query], stdout=file)
    except (OSError, ProgramError) as error:
        raise UnreadableError(f"rpm cannot be queried: {error}") from error

    def answer() -> bytes:
        done = running.wait()
        said = lines_of(done.stderr.strip())
        if done.status or any(line.startswith(b"error:") for line in said):
            what = for_screen(said[0]) if said else f"it ended with status {done.status}"
            raise UnreadableError(
                f"rpm cannot read the database, which may come from a newer rpm: {what}"
            )
        with open(path, "rb") as file:
            data = file.read()
        if not data:
            raise UnreadableError(
                "rpm finds no package in the database, which may come from a newer rpm"
            )
        return data

    return answer


@dataclass(frozen=True)
class _Header:
    """One package. `files` are the columns of the answer about its files, not yet split."""

    name: bytes
    architecture: bytes
    version: bytes
    directories: list[bytes]
    files: list[bytes]

    @property
    def key(self) -> str:
        return f"{for_screen(self.name)}.{for_screen(self.architecture)}"

    @property
    def shown(self) -> str:
        return f"{for_screen(self.name)} {for_screen(self.version)}"

    def listed(self, names: Set[bytes]) -> Iterator[tuple[bytes, int, bool, str, bool]]:
        """The paths that the package has and that end in one of these names: whole path, flags,
        whether it is a directory, digest, and whether the package has installed it."""
        mine = self.files[0].split(b"\n")
        found = [row for row, name in enumerate(mine) if name in names]
        if not found:
            return
        indexes, flags, states, modes = (column.split() for column in self.files[1:5])
        digests = self.files[5].split(b"\n")
        for row in found:
            path = self.directories[int(indexes[row])] + mine[row]
            is_directory = int(modes[row]) & 0o170000 == 0o040000
            delivered = states[row] == _NORMAL and not int(flags[row]) & _GHOST
            digest = digests[row].decode("ascii", "replace")
            yield path, int(flags[row]), is_directory, digest, delivered


def _headers(data: bytes) -> Iterator[_Header]:
    for record in data.split(b"\x02")[:-1]:
        head, *fields = record.split(b"\x01")
        words = head.split(b"\t")
        if len(fields) != 7 or len(words) != 3:
            raise UnreadableError(f"rpm's answer is not understood, at '{for_screen(record[:60])}'")
        name, architecture, version = words
        if name != b"gpg-pubkey":  # a key, which rpm keeps as a package
            directories = [] if fields[0] in (b"", _NONE) else fields[0].split(b"\n")[:-1]
            yield _Header(name, architecture, version, directories, fields[1:])


def _answer(headers: list[_Header], paths: set[bytes], resolver: Resolver) -> Packages:
    above = directories_above(paths)
    wanted = paths | above
    names = {last_part(path) for path in wanted}
    owners, directories, templates = {}, set(), {}
    holders: dict[bytes, list[str]] = {}
    places = _Places(above, resolver)
    for header in headers:
        # Packages have the directories of their files, whether or not they list them.
        held = {path for directory in header.directories for path in places.of(directory)}
        for name, flags, is_directory, digest, delivered in header.listed(names):
            path = resolver.file(name[1:])
            if path not in wanted:
                continue
            held.add(path)
            if not delivered or path not in paths:
                continue
            owners[path] = header.shown
            if is_directory:
                directories.add(path)
            elif flags & _CONFIGURATION:
                templates[path] = Template(header.shown, digest)
        for path in held:
            holders.setdefault(path, []).append(header.key)
    installed = frozenset((h.key, for_screen(h.version)) for h in headers)
    return Packages(installed, owners, frozenset(directories), templates, holders=holders)


class _Places:
    """For each directory that packages name: those of some directories that are it or above it."""

    def __init__(self, wanted: set[bytes], resolver: Resolver) -> None:
        self._wanted = wanted
        self._resolver = resolver
        self._known: dict[bytes, list[bytes]] = {}

    def of(self, directory: bytes) -> list[bytes]:
        """`directory` as in the database, with a slash at both ends; the others are real paths."""
        known = self._known.get(directory)
        if known is None:
            path = self._resolver.directory(directory.strip(b"/"))
            known = [one for one in (path, *ancestors(path)) if one in self._wanted]
            self._known[directory] = known
        return known
