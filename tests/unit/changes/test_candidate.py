"""What became of a path on either side since the record, and when a closer look is needed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_but_changed_on_clone,
    erased_on_both,
    file,
    in_step,
    new,
    symlink,
)

from drdwrap.changes.candidate import Candidate, Change, change, never_seen
from drdwrap.inventory.entry import Entry

FILE = file(b"a")
TOUCHED = FILE._replace(ctime=b"400.0")
DIRECTORY = directory(b"a")


@pytest.mark.parametrize(
    ("now", "then", "expected"),
    [
        (None, None, Change.ABSENT),
        (FILE, None, Change.NEW),
        (None, FILE, Change.ERASED),
        (FILE, FILE, Change.SAME),
        (TOUCHED, FILE, Change.TOUCHED),
        (FILE._replace(inode=b"6"), FILE, Change.TOUCHED),
        (FILE._replace(links=2), FILE, Change.TOUCHED),
        (FILE._replace(mtime=b"99.0"), FILE, Change.CHANGED),
        (FILE._replace(size=9), FILE, Change.CHANGED),
        (FILE._replace(mode=b"600"), FILE, Change.CHANGED),
        (FILE._replace(uid=b"1"), FILE, Change.CHANGED),
        (FILE._replace(gid=b"1"), FILE, Change.CHANGED),
        (symlink(b"a"), FILE, Change.CHANGED),
        (DIRECTORY._replace(mtime=b"200.0", ctime=b"200.0", links=3), DIRECTORY, Change.TOUCHED),
        (edited(DIRECTORY), DIRECTORY, Change.CHANGED),
    ],
)
def test_what_became_of_one_side(now: Entry | None, then: Entry | None, expected: Change) -> None:
    assert change(now, then) is expected


@pytest.mark.parametrize("entry", [FILE, DIRECTORY, symlink(b"a")])
def test_nothing_is_like_what_was_never_seen(entry: Entry) -> None:
    unlike = never_seen(entry)
    assert change(entry, unlike) is Change.CHANGED
    assert change(entry._replace(ctime=b"400.0"), unlike) is Change.CHANGED
    assert Entry.parse(unlike.line) == unlike
    assert unlike.path == entry.path


@pytest.mark.parametrize(
    ("hidden", "expected"),
    [("", Change.SAME), ("contents", Change.CHANGED), (None, Change.CHANGED)],
)
def test_a_look_settles_the_side_that_was_touched(hidden: str | None, expected: Change) -> None:
    booted = Candidate(b"a", TOUCHED, FILE, FILE, FILE, hidden)
    assert booted.changes == (expected, Change.SAME)
    clone = Candidate(b"a", FILE, FILE, TOUCHED, FILE, hidden)
    assert clone.changes == (Change.SAME, expected)


def test_a_look_settles_nothing_else() -> None:
    for hidden in ("", "contents"):
        assert replace(changed(FILE), hidden=hidden).changes == (Change.CHANGED, Change.SAME)
        assert replace(new(FILE), hidden=hidden).changes == (Change.NEW, Change.ABSENT)
        assert replace(erased_on_both(FILE), hidden=hidden).changes == (
            Change.ERASED,
            Change.ERASED,
        )


@pytest.mark.parametrize(
    ("candidate", "needed"),
    [
        (in_step(FILE), True),
        (Candidate(b"a", TOUCHED, FILE, FILE, FILE), True),
        (Candidate(b"a", edited(FILE), FILE, TOUCHED, FILE), True),
        (Candidate(b"a", TOUCHED, FILE, edited(FILE), FILE), True),
        (Candidate(b"a", FILE, None, TOUCHED, None), True),
        (Candidate(b"a", FILE, None, edited(FILE), None), False),
        (changed(FILE), False),
        (changed_on_clone(FILE), False),
        (changed_on_both(FILE), False),
        (new(FILE), False),
        (erased(FILE), False),
        (erased_on_both(FILE), False),
        (changed(FILE, symlink(b"a")), False),
        (Candidate(b"a", symlink(b"a"), FILE, TOUCHED, FILE), False),
    ],
)
def test_a_look_is_needed_where_lstat_leaves_it_open(candidate: Candidate, needed: bool) -> None:
    assert candidate.needs_look is needed


def test_only_a_look_that_found_nothing_makes_two_sides_identical() -> None:
    alike = in_step(FILE)
    assert not alike.identical
    assert not replace(alike, hidden="contents").identical
    assert replace(alike, hidden="").identical
    assert not replace(changed(FILE), hidden="").identical
    assert not replace(new(FILE), hidden="").identical
    assert not replace(erased(FILE), hidden="").identical


@pytest.mark.parametrize(
    ("candidate", "size"),
    [
        (new(file(b"a", size=7)), 7),
        (changed(file(b"a", size=7)), 8),
        (changed_on_clone(file(b"a", size=7)), 7),
        (erased(file(b"a", size=7)), 7),
        (erased_but_changed_on_clone(file(b"a", size=7)), 8),
        (erased_on_both(file(b"a", size=7)), 7),
        (new(DIRECTORY), 0),
        (new(symlink(b"a")), 0),
        (Candidate(b"a", None, None, None, None), 0),
    ],
)
def test_a_path_stands_for_the_bytes_of_its_file(candidate: Candidate, size: int) -> None:
    assert candidate.size == size
