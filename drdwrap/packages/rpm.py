"""rpm's database, read by `rpm` itself from a copy: a query can write to the database's directory.

`rpm` tells sqlite, ndb and bdb apart. A database that it cannot read, because of a newer format for
example, is reported as unreadable.
"""

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
from drdwrap.packages.database import Answer, Packages, Template, UnreadableError, UnusedError
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

NAME = "rpm"
_DIRECTORIES = (b"usr/lib/sysimage/rpm", b"var/lib/rpm")
_DATABASES = (b"rpmdb.sqlite", b"Packages.db", b"Packages")
_LOCK = b".rpm.lock"

_QUERY = (
    "%{NAME}\t%{ARCH}\t%|EPOCH?{%{EPOCH}:}|%{VERSION}-%{RELEASE}\x01"
    "[%{DIRNAMES}\n]\x01[%{BASENAMES}\n]\x01[%{DIRINDEXES} ]\x01"
    "[%{FILEFLAGS} ]\x01[%{FILESTATES} ]\x01[%{FILEMODES} ]\x01[%{FILEDIGESTS}\n]\x02"
)
"""The columns as the database has them: rpm takes twice as long to print whole file names."""

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
        raise UnreadableError(f"rpm's database cannot be read: {error.strerror}") from error
    _refuse_locked(directory)
    if _is_empty(absolute(scratch, _DATABASES[0])):
        raise UnusedError("there is no package in rpm's database")
    asked = _ask(scratch)

    def answer() -> Packages:
        found = _answer(list(_headers(asked())), set(paths), resolver)
        return replace(found, written=frozenset(written))

    return answer


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


def _ask(database: bytes) -> Callable[[], bytes]:
    """Begin to ask for all headers with `_QUERY`. UnreadableError with rpm's message."""
    path = absolute(database, b"answer")
    arguments: list[bytes | str] = ["--dbpath", database, "-qa", "--nosignature", "--nodigest"]
    try:
        with open(path, "wb") as file:
            running = process.start("rpm", [*arguments, "--qf", _QUERY], stdout=file)
    except (OSError, ProgramError) as error:
        raise UnreadableError(f"rpm cannot be queried: {error}") from error

    def answer() -> bytes:
        done = running.wait()
        said = done.stderr.strip().splitlines()
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
    def shown(self) -> str:
        return f"{for_screen(self.name)} {for_screen(self.version)}"

    def delivered(self, names: Set[bytes]) -> Iterator[tuple[bytes, int, bool, str]]:
        """The paths that the package has installed and that end in one of these names: whole path,
        flags, whether it is a directory, and digest."""
        mine = self.files[0].split(b"\n")
        found = [row for row, name in enumerate(mine) if name in names]
        if not found:
            return
        indexes, flags, states, modes = (column.split() for column in self.files[1:5])
        digests = self.files[5].split(b"\n")
        for row in found:
            if states[row] == _NORMAL and not int(flags[row]) & _GHOST:
                path = self.directories[int(indexes[row])] + mine[row]
                is_directory = int(modes[row]) & 0o170000 == 0o040000
                yield path, int(flags[row]), is_directory, digests[row].decode("ascii", "replace")


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
    names = {last_part(path) for path in paths}
    owners, directories, templates = {}, set(), {}
    for header in headers:
        for name, flags, is_directory, digest in header.delivered(names):
            path = resolver.file(name[1:])
            if path not in paths:
                continue
            owners[path] = header.shown
            if is_directory:
                directories.add(path)
            elif flags & _CONFIGURATION:
                templates[path] = Template(header.shown, digest)
    installed = frozenset(
        (f"{for_screen(h.name)}.{for_screen(h.architecture)}", for_screen(h.version))
        for h in headers
    )
    return Packages(installed, owners, frozenset(directories), templates)
