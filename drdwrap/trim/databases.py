"""The data directories of databases whose server is not the same on both sides.

A newer server changes its files so that an older one cannot read them. Towards an image that is
patched this does no harm: the newer server reads older files. After a `reverse` it would.
"""

import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.packages.database import Packages
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.kept_together import database_directory
from drdwrap.trim.trimming import Verdict

_SERVERS: tuple[tuple[str, str], ...] = (
    (r"mysql", r"(?:mariadb|mysql|percona|MariaDB)\b.*(?:server|galera).*"),
    (r"postgresql/([^/]+)/.*", r"postgresql-\1"),
    (r"pgsql/data", r"postgresql-server|postgresql\d*-server"),
    (r"pgsql/([0-9]+)[^/]*/data", r"postgresql\1-server"),
    (r"mongo(?:db)?", r"mongodb.*"),
    (r"redis", r"(?:redis|valkey|keydb).*"),
    (r"ldap", r"slapd|openldap-servers|symas-openldap.*"),
    (r"couchdb", r"couchdb.*"),
    (r"influxdb", r"influxdb.*"),
    (r"cassandra", r"cassandra.*"),
    (r"clickhouse", r"clickhouse.*"),
    (r"etcd", r"etcd.*"),
    (r"rabbitmq/mnesia", r"rabbitmq-server|erlang-base|erlang-erts"),
    (r"dirsrv/.*", r"389-ds-base"),
    (r"neo4j/data", r"neo4j.*"),
    (r"elasticsearch", r"elasticsearch.*"),
    (r"opensearch", r"opensearch.*"),
    (r"prometheus", r"prometheus"),
)
"""Patterns for a data directory below /var/lib, and for the packages of its server. (Many packages
make the directory in a script, so no list of files has it.)"""

_BEHIND = (Outcome.NONVOLATILE, Outcome.TARGET_CHANGED)


@dataclass(frozen=True)
class HeldDatabase:
    """A data directory (relative) that is not carried over, why, and the bytes that differ."""

    directory: bytes
    reason: str
    size: int

    @property
    def sentence(self) -> str:
        """For the screen."""
        return (
            f"/{for_screen(self.directory)} ({self.size:,} bytes) is held back: {self.reason};"
            " bring both sides to the same version, or dump the database here and load it there"
        )


def reason(directory: bytes, sides: PackageSides) -> str:
    """Why a data directory must not be carried over, or the empty string."""
    if sides.unreadable:
        return f"nothing tells which server the clone has: {sides.unreadable}"
    here, there = (_servers(directory, side) for side in (sides.booted, sides.clone))
    if here == there:
        return ""
    return (
        f"its server is {_in_words(here)} on the booted system and {_in_words(there)} on the clone"
    )


def held(
    candidates: Mapping[bytes, Candidate], verdicts: Mapping[bytes, Verdict], sides: PackageSides
) -> list[HeldDatabase]:
    """The data directories that stay behind since their servers differ, most bytes first."""
    sizes: Counter[bytes] = Counter()
    for path, verdict in verdicts.items():
        if verdict.outcome in _BEHIND and (directory := database_directory(path)):
            sizes[directory] += candidates[path].size
    found = ((directory, reason(directory, sides), size) for directory, size in sizes.most_common())
    return [HeldDatabase(*one) for one in found if one[1]]


def _servers(directory: bytes, side: Packages) -> set[tuple[str, str]]:
    """The packages, with their versions, whose servers use this directory."""
    below = directory.decode("utf-8", "replace").removeprefix("var/lib/")
    owners = {name for name in side.holders.get(directory, ()) if name in side.versions}
    found = {(name, side.versions[name]) for name in owners}
    for pattern, packages in _SERVERS:
        match = re.fullmatch(pattern, below)
        if match:
            wanted = re.compile(match.expand(packages) if match.groups() else packages)
            found |= {one for one in side.installed if wanted.fullmatch(_plain(one[0]))}
    return found


def _plain(name: str) -> str:
    """The name of a package without its architecture."""
    return name.partition(":")[0]


def _in_words(servers: set[tuple[str, str]]) -> str:
    named = [f"{_plain(name)} {version}" for name, version in sorted(servers)]
    return ", ".join(named) or "not installed"
