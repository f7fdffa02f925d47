"""A database in write-ahead mode, copied in the middle of its life, opens whole on the clone."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from .lab.files import put
from .lab.pair import Pair

NAME = "var/lib/app/app.db"


@pytest.fixture
def database(filled: Pair) -> Iterator[sqlite3.Connection]:
    """A connection that leaves its last transactions in the -wal file."""
    connection = sqlite3.connect(filled.booted / NAME, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA wal_autocheckpoint=0")
    connection.execute("CREATE TABLE numbers (number INTEGER, padding TEXT)")
    yield connection
    connection.close()


def add(connection: sqlite3.Connection, first: int, last: int) -> None:
    rows = [(number, "x" * 500) for number in range(first, last)]
    connection.executemany("INSERT INTO numbers VALUES (?, ?)", rows)


def on_the_clone(pair: Pair, scratch: Path) -> int:
    """How many rows the clone's database has; opened as a copy, since opening may write."""
    scratch.mkdir(exist_ok=True)
    for leftover in scratch.iterdir():
        leftover.unlink()
    for file in (pair.clone / NAME).parent.glob("app.db*"):
        shutil.copy2(file, scratch)
    with closing(sqlite3.connect(scratch / "app.db")) as copy:
        assert copy.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        count: int = copy.execute("SELECT count(*) FROM numbers").fetchone()[0]
    return count


def test_it_opens_whole_in_mid_transaction_and_after_its_clean_close(
    filled: Pair, database: sqlite3.Connection, tmp_path: Path, rsync: str
) -> None:
    add(database, 0, 300)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("BEGIN")
    add(database, 300, 600)
    database.execute("COMMIT")
    database.execute("BEGIN")
    add(database, 600, 900)
    assert (filled.booted / f"{NAME}-wal").stat().st_size > 0
    filled.sync()
    assert (filled.clone / f"{NAME}-wal").exists()
    assert on_the_clone(filled, tmp_path / "look") == 600
    database.execute("COMMIT")
    database.close()
    assert not (filled.booted / f"{NAME}-wal").exists()
    filled.sync()
    assert not (filled.clone / f"{NAME}-wal").exists()
    assert not (filled.clone / f"{NAME}-shm").exists()
    assert on_the_clone(filled, tmp_path / "look") == 900
    assert filled.differences() == []


def test_a_transaction_kept_in_a_mapping_is_seen(
    filled: Pair, database: sqlite3.Connection, tmp_path: Path
) -> None:
    for batch in range(3):
        add(database, batch * 100, batch * 100 + 100)
        filled.sync()
        assert on_the_clone(filled, tmp_path / "look") == batch * 100 + 100


def test_what_the_clone_wrote_to_the_database_keeps_the_whole_set(
    filled: Pair, database: sqlite3.Connection
) -> None:
    add(database, 0, 100)
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    filled.sync()
    with (filled.clone / NAME).open("r+b") as file:
        file.seek(60)
        file.write(b"\x00\x00\x00\x2a")  # the user version, as the clone's program set it
    kept = {path: entry for path, entry in filled.both()[1].items() if b"app.db" in path}
    add(database, 100, 200)
    filled.sync()
    changed = filled.report("target_changed")
    assert f"/{NAME}-wal".encode() in changed
    assert filled.report("to_be_copied") == []
    database.close()
    filled.sync()
    assert f"/{NAME}".encode() in filled.report("target_changed")
    assert {p: e for p, e in filled.both()[1].items() if b"app.db" in p} == kept


def test_a_journal_beside_a_newer_database_is_removed(filled: Pair) -> None:
    put(filled.booted, "var/lib/app/old.db", b"SQLite format 3\0 old")
    put(filled.booted, "var/lib/app/old.db-journal", b"hot")
    filled.sync()
    assert (filled.clone / "var/lib/app/old.db-journal").exists()
    put(filled.booted, "var/lib/app/old.db", b"SQLite format 3\0 newer")
    (filled.booted / "var/lib/app/old.db-journal").unlink()
    filled.sync()
    assert not (filled.clone / "var/lib/app/old.db-journal").exists()
    assert filled.differences() == []
