"""Sets of files that are synced all or none."""

from __future__ import annotations

import pytest

from .lab.files import put
from .lab.pair import Pair

ACCOUNTS = ["passwd", "shadow", "group", "gshadow", "subuid", "subgid"]


@pytest.fixture
def accounts(pair: Pair) -> Pair:
    for number in range(20):
        put(pair.booted, f"srv/data/{number}")
    for name in ACCOUNTS:
        put(pair.booted, f"etc/{name}", name.encode())
    pair.clone_fill()
    return pair


@pytest.mark.parametrize("changed", ["passwd", "subgid"])
def test_one_account_file_changed_on_the_clone_holds_back_all(accounts: Pair, changed: str) -> None:
    put(accounts.clone, f"etc/{changed}", b"clone\n")
    for name in ("passwd", "shadow", "group"):
        put(accounts.booted, f"etc/{name}", b"booted\n")
    accounts.sync()
    assert accounts.report("target_changed") == [b"/etc/group", b"/etc/passwd", b"/etc/shadow"]
    assert accounts.report("to_be_copied") == []
    assert (accounts.clone / "etc/shadow").read_bytes() == b"shadow"


def test_account_files_untouched_on_the_clone_are_copied(accounts: Pair) -> None:
    for name in ("passwd", "shadow", "group"):
        put(accounts.booted, f"etc/{name}", b"booted\n")
    accounts.sync()
    assert accounts.report("to_be_copied") == [b"/etc/group", b"/etc/passwd", b"/etc/shadow"]
    assert accounts.differences() == []


def test_a_set_is_released_when_the_clones_copies_are_erased(accounts: Pair) -> None:
    put(accounts.clone, "etc/passwd", b"clone\n")
    put(accounts.booted, "etc/passwd", b"booted\n")
    put(accounts.booted, "etc/group", b"booted\n")
    accounts.sync()
    (accounts.clone / "etc/passwd").unlink()
    accounts.sync()
    assert accounts.report("target_changed") == []
    assert accounts.differences() == []


def test_a_set_of_the_configuration_is_all_or_none(accounts: Pair) -> None:
    accounts.configure(kept_together=[["/srv/data/1", "/srv/data/2"], ["/srv/data/5"]])
    put(accounts.clone, "srv/data/1", b"clone\n")
    for number in (1, 2, 3):
        put(accounts.booted, f"srv/data/{number}", b"booted\n")
    accounts.sync()
    assert accounts.report("target_changed") == [b"/srv/data/1", b"/srv/data/2"]
    assert accounts.report("to_be_copied") == [b"/srv/data/3"]


def test_nothing_erased_of_a_set_is_removed_while_it_is_held_back(accounts: Pair) -> None:
    accounts.configure(kept_together=[["/srv/data/1", "/srv/data/2"]])
    put(accounts.clone, "srv/data/1", b"clone\n")
    put(accounts.booted, "srv/data/1", b"booted\n")
    (accounts.booted / "srv/data/2").unlink()
    assert accounts.sync()["deleted"] == 0
    assert (accounts.clone / "srv/data/2").exists()
    assert b"/srv/data/2" in accounts.report("target_changed")


def test_a_new_member_of_a_set_is_held_back_too(accounts: Pair) -> None:
    put(accounts.booted, "srv/app.db", b"SQLite format 3\0")
    accounts.sync()
    put(accounts.clone, "srv/app.db", b"SQLite format 3\0clone")
    put(accounts.booted, "srv/app.db", b"SQLite format 3\0booted")
    put(accounts.booted, "srv/app.db-wal", b"wal")
    accounts.sync()
    assert accounts.report("target_changed") == [b"/srv/app.db", b"/srv/app.db-wal"]
    assert not (accounts.clone / "srv/app.db-wal").exists()


@pytest.mark.parametrize("directory", ["var/lib/mysql", "var/lib/postgresql/15/main"])
def test_the_data_of_a_database_server_is_all_or_none(pair: Pair, directory: str) -> None:
    for number in range(10):
        put(pair.booted, f"{directory}/base/{number}", b"data")
    put(pair.booted, "etc/motd")
    pair.clone_fill()
    put(pair.clone, f"{directory}/base/3", b"clone\n")
    put(pair.booted, f"{directory}/base/7", b"booted\n")
    put(pair.booted, f"{directory}/base/3", b"booted\n")
    put(pair.booted, f"{directory}/base/new", b"booted\n")
    put(pair.booted, "etc/motd", b"booted\n")
    pair.sync()
    assert pair.report("target_changed") == [
        f"/{directory}/base/{name}".encode() for name in ("3", "7", "new")
    ]
    assert pair.report("to_be_copied") == [b"/etc/motd"]
