"""Which files are only right together."""

from __future__ import annotations

import pytest

from drdwrap.trim.kept_together import KeptTogether

BUILT_IN = KeptTogether()


def together(one: bytes, other: bytes, sets: KeptTogether = BUILT_IN) -> bool:
    names = set(sets.sets_of(one)) & set(sets.sets_of(other))
    assert names == set(sets.sets_of(other)) & set(sets.sets_of(one))
    return bool(names)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"srv/a.db", b"srv/a.db-wal"),
        (b"srv/a.db-wal", b"srv/a.db-shm"),
        (b"srv/a", b"srv/a-journal"),
        (b"srv/\xff\n.db", b"srv/\xff\n.db-wal"),
        (b"etc/passwd", b"etc/shadow"),
        (b"etc/group", b"etc/gshadow"),
        (b"etc/subuid", b"etc/subgid"),
        (b"etc/passwd", b"etc/subuid"),
        (b"var/lib/mysql", b"var/lib/mysql/ibdata1"),
        (b"var/lib/mysql/ibdata1", b"var/lib/mysql/app/t.ibd"),
        (b"var/lib/postgresql/15/main/base", b"var/lib/postgresql/15/main/global/1"),
        (b"var/lib/pgsql/data/a", b"var/lib/pgsql/data/b"),
        (b"var/lib/pgsql/15/data/a", b"var/lib/pgsql/15/data/b"),
        (b"var/lib/redis/dump.rdb", b"var/lib/redis/a.aof"),
        (b"var/lib/dirsrv/slapd-x/db/a", b"var/lib/dirsrv/slapd-x/changelogdb/b"),
        (b"var/lib/rabbitmq/mnesia/a", b"var/lib/rabbitmq/mnesia/b/c"),
        (b"var/lib/ldap/new\nline", b"var/lib/ldap/data.mdb"),
    ],
)
def test_these_are_kept_together(one: bytes, other: bytes) -> None:
    assert together(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (b"srv/a.db", b"srv/b.db-wal"),
        (b"srv/a.db", b"srv/a.db-walx"),
        (b"srv/a.db", b"srv/a.db.wal"),
        (b"srv/a.db", b"lib/a.db-wal"),
        (b"etc/passwd", b"etc/hosts"),
        (b"etc/passwd", b"etc/passwd-"),
        (b"etc/passwd", b"srv/etc/shadow"),
        (b"var/lib/mysql/a", b"var/lib/mysql-files/a"),
        (b"var/lib/mysql/a", b"var/lib/redis/a"),
        (b"var/lib/postgresql/15/main/a", b"var/lib/postgresql/14/main/a"),
        (b"var/lib/postgresql/15/main/a", b"var/lib/postgresql/15"),
        (b"var/lib/dirsrv/slapd-x/a", b"var/lib/dirsrv/slapd-y/a"),
        (b"var/lib/pgsql/data/a", b"var/lib/pgsql/backups/a"),
        (b"srv/var/lib/mysql/a", b"srv/var/lib/mysql/b"),
    ],
)
def test_these_are_not(one: bytes, other: bytes) -> None:
    assert not together(one, other)


@pytest.mark.parametrize("path", [b"", b"etc/hosts", b"-wal", b"a-wal", b"var/lib/mysql"])
def test_every_path_is_in_a_set_with_itself(path: bytes) -> None:
    assert together(path, path)


def test_configured_sets_are_patterns_and_hold_what_lies_below() -> None:
    sets = KeptTogether.of([[b"/etc/app/*.conf", b"/var/lib/app"], [b"*.pem"]])
    assert together(b"etc/app/a.conf", b"var/lib/app/data/1", sets)
    assert together(b"etc/app/a.conf", b"var/lib/app", sets)
    assert together(b"etc/a.pem", b"srv/b.pem", sets)
    assert not together(b"etc/app/a.conf", b"etc/a.pem", sets)
    assert not together(b"etc/app/a.conf", b"var/lib/application", sets)
    assert not together(b"etc/app/a.txt", b"etc/app/b.conf", sets)


def test_a_path_can_be_in_several_sets() -> None:
    sets = KeptTogether.of([[b"/a"], [b"/a", b"/b"]])
    assert len(set(sets.sets_of(b"a"))) == 3
    assert together(b"a", b"b", sets)
