"""What a killed run may have made of a path on its way, and what it cannot have made."""

from __future__ import annotations

import pytest
from unit.entries import directory, file

from drdwrap.changes.cut_off import is_work_of
from drdwrap.inventory.entry import Entry
from drdwrap.record.intent import Move, Put

STAGED = file(b"a", size=20, mtime=b"700.5", uid=b"3", gid=b"4", inode=b"8")
MOVED = Move(STAGED, frozenset({b"0123"}), None)


@pytest.mark.parametrize(
    ("change", "ours"),
    [
        ({}, True),
        ({"ctime": b"900.0"}, True),
        ({"links": 2}, True),
        ({"size": 0}, True),  # a power cut can have taken some of it
        ({"inode": b"9"}, False),
        ({"mtime": b"700.6"}, False),
        ({"mode": b"600"}, False),
        ({"uid": b"0"}, False),
        ({"gid": b"0"}, False),
        ({"type": b"l"}, False),
    ],
)
def test_what_was_moved_to_its_place_is_known_by_its_inode(
    change: dict[str, object], ours: bool
) -> None:
    assert MOVED.is_at(STAGED._replace(**change)) is ours  # type: ignore[arg-type]


def test_a_moved_directorys_times_follow_what_is_put_into_it() -> None:
    staged = directory(b"d")
    move = Move(staged, frozenset(), None)
    assert move.is_at(staged._replace(mtime=b"900.0", ctime=b"900.0", links=3))
    assert not move.is_at(staged._replace(mode=b"700", mtime=b"900.0"))
    assert not move.is_at(staged._replace(inode=b"9"))


def is_its_work(then: Entry, meant: Entry, **now: object) -> bool:
    """Whether the run can have made this of `then`, of which only the change time is sure to
    move."""
    return is_work_of(Put(meant), then._replace(ctime=b"800.0", **now), then)  # type: ignore[arg-type]


THEN = file(b"a", mode=b"644")
MEANT = file(b"a", mode=b"640", uid=b"3", gid=b"4", mtime=b"700.5")


@pytest.mark.parametrize(
    ("now", "ours"),
    [
        ({}, True),
        ({"uid": b"3"}, True),
        ({"gid": b"4"}, True),
        ({"uid": b"3", "gid": b"4", "mode": b"640"}, True),
        ({"mode": b"640"}, True),
        ({"mtime": b"700.5"}, True),
        ({"uid": b"4"}, False),
        ({"gid": b"3"}, False),
        ({"mtime": b"800.0"}, False),
        ({"size": 11}, False),
        ({"inode": b"6"}, False),
        ({"type": b"l"}, False),
    ],
)
def test_owner_mode_and_time_go_over_one_after_the_other(
    now: dict[str, object], ours: bool
) -> None:
    assert is_its_work(THEN, MEANT, **now) is ours


@pytest.mark.parametrize(
    ("then", "meant", "now", "ours"),
    [
        (b"644", b"600", b"644", True),
        (b"644", b"600", b"600", True),
        (b"644", b"660", b"600", True),  # with an ACL the group's rights come and go
        (b"664", b"664", b"604", True),
        (b"644", b"600", b"744", False),
        (b"644", b"644", b"600", False),
        (b"664", b"664", b"660", False),
        (b"4755", b"755", b"755", True),
        (b"4755", b"4755", b"755", True),  # chown takes it away
        (b"4755", b"700", b"755", True),
        (b"755", b"755", b"4755", False),
        (b"1777", b"777", b"777", True),
        (b"1777", b"1777", b"777", False),
        (b"700", b"755", b"705", True),
        (b"500", b"755", b"700", False),  # neither as before nor as meant
        (b"600", b"644", b"604", True),
        (b"700", b"1755", b"755", False),
        (b"777", b"777", b"1777", False),
    ],
)
def test_each_bit_of_a_mode_is_as_before_or_as_meant(
    then: bytes, meant: bytes, now: bytes, ours: bool
) -> None:
    before, after = THEN._replace(mode=then), THEN._replace(mode=meant)
    assert is_its_work(before, after, mode=now) is ours


def test_a_directorys_time_follows_what_is_put_into_it() -> None:
    before, after = directory(b"d"), directory(b"d", mode=b"700")
    assert is_its_work(before, after, mode=b"700", mtime=b"800.0", links=3)
    assert not is_its_work(before, after, mode=b"777")
    assert not is_its_work(before, after, inode=b"6")
    assert not is_its_work(before, after, type=b"f")
