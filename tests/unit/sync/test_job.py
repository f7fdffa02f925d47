"""What a job knows of the clone before the copy, and how it tells its own work from others'."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.entries import directory, file
from unit.sync.jobs import Sides

from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.sync.job import is_still
from drdwrap.sync.ledger import Ledger, PathState

FILE, DIRECTORY, LINKED = file(b"a"), directory(b"a"), file(b"a", links=2)


@pytest.mark.parametrize(
    ("now", "before", "still"),
    [
        (FILE, FILE, True),
        (FILE._replace(ctime=b"900.0"), FILE, False),
        (FILE._replace(size=9), FILE, False),
        (DIRECTORY._replace(mtime=b"900.0", ctime=b"900.0", links=3), DIRECTORY, True),
        (DIRECTORY._replace(mode=b"700"), DIRECTORY, False),
        (DIRECTORY._replace(inode=b"6"), DIRECTORY, False),
        (LINKED._replace(ctime=b"900.0", links=1), LINKED, True),
        (LINKED._replace(mtime=b"900.0"), LINKED, False),
        (LINKED._replace(inode=b"6"), LINKED, False),
        (LINKED, FILE, False),
    ],
)
def test_what_is_still_as_it_was(now: Entry, before: Entry, still: bool) -> None:
    assert is_still(now, before) is still


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_it_knows_what_moves_along_with_what_is_copied(sides: Sides) -> None:
    sides.write("d/x")
    (sides.booted / "d/x").write_text("new")
    sides.write("e/y")
    os.link(sides.clone / "d/x", sides.clone / "e/x")
    job = sides.job(b"d/x")
    assert job.around == {path: sides.on_clone(path) for path in (b"", b"d", b"d/x", b"e/x")}
    assert job.attributes.keys() == job.around.keys()


def test_what_moves_along_is_as_before_only_with_the_attributes_that_it_had(sides: Sides) -> None:
    sides.write("d/x")
    job = sides.job(b"d/x")
    before = job.around[b"d"]
    (sides.clone / "d/new").touch()
    now = sides.on_clone(b"d")
    assert now is not None and now != before
    assert job.is_as_before(now, before)
    os.setxattr(sides.clone / "d", "user.note", b"1")
    now = sides.on_clone(b"d")
    assert now is not None
    assert not job.is_as_before(now, before)
    assert job.is_as_before(now, now)


def test_a_booted_path_is_steady_whatever_new_links_there_are_to_it(sides: Sides) -> None:
    sides.write("x")
    job = sides.job(b"x")
    assert job.is_steady(b"x")
    os.link(sides.booted / "x", sides.booted / "y")
    assert job.is_steady(b"x")
    (sides.booted / "x").write_text("newer")
    assert not job.is_steady(b"x")
    (sides.booted / "x").unlink()
    assert not job.is_steady(b"x")


def test_what_was_put_is_noted_as_it_is_now(sides: Sides) -> None:
    sides.write("x")
    sides.write("y")
    os.link(sides.clone / "y", sides.clone / "z")
    os.setxattr(sides.clone / "y", "user.note", b"1")
    job, ledger = sides.job(b"x", b"y"), Ledger()
    job.note_put(ledger, b"x", PathState.COPIED)
    job.note_put(ledger, b"y", PathState.FAILED, "why")
    job.note_put(ledger, b"nowhere", PathState.COPIED)
    assert ledger.copies[b"x"] == (PathState.COPIED, "", sides.on_clone(b"x"), None)
    found = digests(job.clone_path(b"y"))
    assert len(found) == 1
    assert ledger.copies[b"y"] == (PathState.FAILED, "why", sides.on_clone(b"y"), found)
    assert ledger.copies[b"nowhere"].put is None


def test_the_sets_are_those_of_what_is_copied(sides: Sides) -> None:
    for name in ("a", "a-wal", "b", "one", "other"):
        sides.write(name)
    job = sides.job(b"a", b"a-wal", b"one", b"other", removed=[b"b"], sets=[[b"/one", b"/other"]])
    sets = {tuple(sorted(paths)) for paths in job.sets.values()}
    assert sets == {(b"a", b"a-wal"), (b"one",), (b"other",), (b"one", b"other")}


def test_what_was_left_to_the_clone_or_removed_is_not_recorded(sides: Sides) -> None:
    for name in ("a", "b", "c"):
        sides.write(name)
    job, ledger = sides.job(b"a", b"b", removed=[b"c"]), Ledger()
    ledger.note(b"a", PathState.CHANGED, "why")
    ledger.note(b"c", PathState.REMOVED)
    assert not job.is_recorded(b"a", ledger)
    assert job.is_recorded(b"b", ledger)
    assert not job.is_recorded(b"c", ledger)
    assert job.is_recorded(b"elsewhere", ledger)
    assert job.in_step(b"b", ledger)
    assert not job.in_step(b"a", ledger)


def test_what_has_failed_is_recorded_and_not_in_step(sides: Sides) -> None:
    sides.write("a")
    job, ledger = sides.job(b"a"), Ledger()
    ledger.note(b"a", PathState.FAILED, "why")
    assert job.is_recorded(b"a", ledger)
    assert not job.in_step(b"a", ledger)
