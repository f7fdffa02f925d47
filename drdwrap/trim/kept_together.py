"""Files that are only right together: all of them are synced, or none.

One is on the clone as the clone changed it, another comes from the booted system: an account with
no password, a database with another's journal. If one member of a set is the clone's own work,
every candidate of the set stays as it is.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drdwrap.paths.patterns import PatternList

ACCOUNTS = frozenset(
    b"etc/" + name for name in (b"passwd", b"shadow", b"group", b"gshadow", b"subuid", b"subgid")
)
_SQLITE = re.compile(rb"(.+)-(?:wal|shm|journal)", re.DOTALL)
_DATABASES = re.compile(
    rb"(var/lib/(?:mysql|mongodb|mongo|redis|ldap|couchdb|influxdb|cassandra|clickhouse|etcd"
    rb"|rabbitmq/mnesia|pgsql/data|pgsql/[^/]+/data|postgresql/[^/]+/[^/]+"
    rb"|dirsrv/[^/]+|neo4j/data|elasticsearch|opensearch|prometheus))(?:/.*)?",
    re.DOTALL,
)

SetName = tuple[str, bytes]


def database_directory(path: bytes) -> bytes:
    """The data directory of a usual database server that `path` is in, or is; b"" for none."""
    found = _DATABASES.fullmatch(path)
    return found[1] if found else b""


@dataclass(frozen=True)
class KeptTogether:
    """The sets: the built-in ones, and the configured ones as lists of patterns."""

    configured: tuple[PatternList, ...] = ()

    @classmethod
    def of(cls, sets: Sequence[Sequence[bytes]]) -> "KeptTogether":
        return cls(tuple(PatternList.of(patterns) for patterns in sets))

    def sets_of(self, path: bytes) -> Iterator[SetName]:
        """The names of the sets that `path` is in. Every path is in one at least, its own."""
        journal = _SQLITE.fullmatch(path)
        yield "database file", journal[1] if journal else path
        if path in ACCOUNTS:
            yield "accounts", b""
        if directory := database_directory(path):
            yield "database directory", directory
        for number, patterns in enumerate(self.configured):
            if patterns.cover(path):
                yield "kept_together", b"%d" % number
