"""What a killed run may have made of a path on its way, and what it cannot have made."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.entries import file

from drdwrap.inventory.entry import Entry
from drdwrap.record.intent import Put, is_work_of

ROOT = b"/nowhere"
LATER = b"800.0"


def parsed(
    type_: str, mode: int, owner: str = "0 0", *, inode: int = 7, time: str = "1.0"
) -> Entry:
    return Entry.parse(f"x//{type_} {mode} {owner} 0 {time} 2.0 {inode} 1".encode())


def is_its_work(meant: Entry, now: Entry, then: Entry | None = None) -> bool:
    return is_work_of(Put(meant), now, then, ROOT)


MEANT = file(b"x", size=20, mtime=b"700.5", uid=b"3", gid=b"4")


def test_a_file_made_anew_has_its_time_before_its_name_and_all_else_may_come_later() -> None:
    half = MEANT._replace(size=0, mode=b"600", uid=b"0", gid=b"0", inode=b"6")
    assert is_its_work(MEANT, half)
    assert is_its_work(MEANT, half, file(b"x"))
    assert not is_its_work(MEANT, half._replace(mtime=LATER))
    assert not is_its_work(MEANT, half._replace(mtime=LATER), file(b"x"))


def test_another_type_is_never_its_work() -> None:
    for type_ in (b"d", b"l", b"p"):
        assert not is_its_work(MEANT, MEANT._replace(type=type_))


@pytest.mark.parametrize(
    ("then", "now", "ours"),
    [
        ({}, {"uid": b"3"}, True),
        ({}, {"gid": b"4"}, True),
        ({}, {"uid": b"3", "gid": b"4"}, True),
        ({}, {"uid": b"4"}, False),
        ({}, {"gid": b"3"}, False),
        ({}, {"size": 21}, False),
        ({"mode": b"4755"}, {"mode": b"755"}, True),
        ({"mode": b"666"}, {"mode": b"646"}, True),
        ({"mode": b"666"}, {"mode": b"626"}, True),
        ({"mode": b"666"}, {"mode": b"640"}, False),
        ({"mode": b"666"}, {"mode": b"4666"}, False),
    ],
)
def test_a_file_that_keeps_its_inode_and_time_is_somewhere_between_old_and_new(
    then: dict[str, bytes], now: dict[str, bytes | int], ours: bool
) -> None:
    """Owner and mode go over alone, as contents and time are right already."""
    before = file(b"x", size=20, mtime=b"700.5")._replace(**then)  # type: ignore[arg-type]
    meant = MEANT._replace(mode=before.mode)
    here = before._replace(ctime=LATER, **now)  # type: ignore[arg-type]
    assert is_its_work(meant, here, before) is ours


DIRECTORY = parsed("d", 1755, "3 4")


@pytest.mark.parametrize(
    ("now", "ours"),
    [
        (parsed("d", 1755, "3 4"), True),
        (parsed("d", 755, "0 0"), True),
        (parsed("d", 700, "0 0"), True),
        (parsed("d", 755, "3 0"), True),
        (parsed("d", 755, "0 4"), True),
        (parsed("d", 755, "4 3"), False),
        (parsed("d", 770, "0 0"), False),
        (parsed("d", 777, "0 0"), False),
    ],
)
@pytest.mark.parametrize("time", ["1.0", "9.0"])
def test_a_directory_gets_owner_and_mode_after_it_was_made(
    now: Entry, ours: bool, time: str
) -> None:
    now = now._replace(mtime=time.encode())
    assert is_its_work(DIRECTORY, now) is ours
    assert is_its_work(DIRECTORY, now, file(b"x")) is ours  # what was there was removed before


@pytest.mark.parametrize(
    ("now", "ours"),
    [
        (parsed("d", 500, "5 6"), True),
        (parsed("d", 1500, "5 6"), True),
        (parsed("d", 1755, "3 6"), True),
        (parsed("d", 500, "5 4"), True),
        (parsed("d", 1755, "0 4"), True),
        (parsed("d", 500, "6 5"), False),
        (parsed("d", 750, "5 6"), False),
        (parsed("d", 755, "5 6"), False),  # what was there is not made first
    ],
)
def test_a_directory_that_was_there_goes_from_its_owner_and_mode_to_the_new(
    now: Entry, ours: bool
) -> None:
    assert is_its_work(DIRECTORY, now, parsed("d", 500, "5 6")) is ours


@pytest.mark.parametrize(
    ("type_", "mode", "ours"),
    [("p", 600, True), ("p", 700, True), ("s", 777, True), ("d", 777, False), ("p", 666, False)],
)
def test_special_files_are_made_under_their_names(type_: str, mode: int, ours: bool) -> None:
    assert is_its_work(parsed(type_, 600), parsed(type_, mode, time="9.0")) is ours


def test_a_special_file_of_somebody_elses_is_not_its_work() -> None:
    assert not is_its_work(parsed("p", 600, "3 4"), parsed("p", 600, "5 5", time="9.0"))


def test_a_link_is_its_work_if_it_points_where_it_was_meant_to(tmp_path: Path) -> None:
    root = os.fsencode(tmp_path)
    meant = parsed("l", 777)
    (tmp_path / "x").symlink_to("target")
    for target, ours in ((b"target", True), (b"other", False)):
        assert is_work_of(Put(meant, target), meant._replace(mtime=LATER), None, root) is ours
    (tmp_path / "x").unlink()
    assert not is_work_of(Put(meant, b"target"), meant._replace(mtime=LATER), None, root)
    assert is_work_of(Put(meant, b"target"), meant, None, root)  # with its time already


def test_a_file_that_was_not_made_anew_is_only_its_work_without_its_set_id_bit() -> None:
    then = file(b"x", mode=b"6755")
    meant = MEANT._replace(mode=b"2755")
    assert is_its_work(meant, then._replace(mode=b"2755", ctime=LATER), then)
    assert not is_its_work(meant, then._replace(mode=b"755", ctime=LATER), then)
    assert not is_its_work(meant, then._replace(mode=b"2755", inode=b"6"), then)
    assert not is_its_work(meant, then._replace(mode=b"2755", size=11), then)
    assert not is_its_work(MEANT, file(b"x", ctime=LATER), file(b"x"))
