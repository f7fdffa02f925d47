"""The table's rows, from bare entries, and the states that a look settles."""

from dataclasses import replace

import pytest

from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.decision_table import REASONS, Outcome, newer_wins, outcome, reason
from drdwrap.inventory.entry import Entry

FILE = Entry.parse(b"a//f 644 0 0 10 100.0000000000 100.0000000000 5 1")
EDITED = FILE._replace(size=11, mtime=b"200.0000000000", ctime=b"200.0000000000")
PATCHED = FILE._replace(size=12, mtime=b"300.0000000000", ctime=b"300.0000000000")
TOUCHED = FILE._replace(ctime=b"400.0000000000")


@pytest.mark.parametrize(
    ("booted", "booted_then", "clone", "clone_then", "expected"),
    [
        (FILE, FILE, FILE, FILE, Outcome.IN_STEP),
        (EDITED, FILE, FILE, FILE, Outcome.COPY),
        (FILE, None, None, None, Outcome.COPY),
        (FILE, None, PATCHED, None, Outcome.TARGET_CHANGED),
        (EDITED, FILE, PATCHED, FILE, Outcome.TARGET_CHANGED),
        (EDITED, FILE, None, FILE, Outcome.COPY),
        (FILE, FILE, None, FILE, Outcome.COPY),
        (FILE, FILE, PATCHED, FILE, Outcome.CLONE_ONLY),
        (None, FILE, FILE, FILE, Outcome.ERASED),
        (None, FILE, PATCHED, FILE, Outcome.TARGET_CHANGED),
        (None, FILE, None, FILE, Outcome.FORGOTTEN),
        (None, None, PATCHED, None, Outcome.OWN),
        (None, None, None, None, Outcome.FORGOTTEN),
        (FILE, never_seen(FILE), FILE, FILE, Outcome.COPY),
    ],
)
def test_rows(
    booted: Entry | None,
    booted_then: Entry | None,
    clone: Entry | None,
    clone_then: Entry | None,
    expected: Outcome,
) -> None:
    assert outcome(Candidate(b"a", booted, booted_then, clone, clone_then)) is expected


@pytest.mark.parametrize(
    ("booted", "booted_then", "clone", "clone_then"),
    [(FILE, None, FILE, None), (EDITED, FILE, EDITED, FILE), (FILE, FILE, FILE, PATCHED)],
)
def test_what_a_look_finds_identical_is_in_step(
    booted: Entry, booted_then: Entry | None, clone: Entry, clone_then: Entry | None
) -> None:
    candidate = Candidate(b"a", booted, booted_then, clone, clone_then)
    assert candidate.needs_look
    assert outcome(replace(candidate, hidden="")) is Outcome.IN_STEP
    assert outcome(replace(candidate, hidden="contents")) is not Outcome.IN_STEP


def test_a_touched_side_is_settled_by_the_look() -> None:
    booted = Candidate(b"a", TOUCHED, FILE, FILE, FILE)
    assert outcome(replace(booted, hidden="")) is Outcome.IN_STEP
    assert outcome(replace(booted, hidden="contents")) is Outcome.COPY
    clone = Candidate(b"a", FILE, FILE, TOUCHED, FILE)
    assert outcome(replace(clone, hidden="")) is Outcome.IN_STEP
    assert outcome(replace(clone, hidden="attributes")) is Outcome.CLONE_ONLY
    both = Candidate(b"a", TOUCHED, FILE, TOUCHED, FILE)
    assert outcome(replace(both, hidden="contents")) is Outcome.TARGET_CHANGED
    assert outcome(replace(both, hidden="unreadable: Input/output error")) is Outcome.TARGET_CHANGED


def test_a_clone_that_was_touched_is_not_taken_for_untouched_without_a_look() -> None:
    assert outcome(Candidate(b"a", None, FILE, TOUCHED, FILE)) is Outcome.TARGET_CHANGED
    changed_type = FILE._replace(type=b"l")
    assert outcome(Candidate(b"a", changed_type, FILE, TOUCHED, FILE)) is Outcome.TARGET_CHANGED


def test_a_directory_is_not_changed_by_its_times() -> None:
    directory = Entry.parse(b"d//d 755 0 0 0 100.0 100.0 5 2")
    later = directory._replace(mtime=b"500.0", ctime=b"500.0", links=3)
    candidate = Candidate(b"d", later, directory, directory, directory)
    assert candidate.needs_look
    assert outcome(replace(candidate, hidden="")) is Outcome.IN_STEP
    mode = Candidate(b"d", later._replace(mode=b"700"), directory, directory, directory)
    assert outcome(mode) is Outcome.COPY


def test_drds_own_rule() -> None:
    assert newer_wins(Candidate(b"a", EDITED, None, FILE, None))
    assert newer_wins(Candidate(b"a", FILE, None, TOUCHED, None))
    assert not newer_wins(Candidate(b"a", FILE, None, EDITED, None))
    assert not newer_wins(Candidate(b"a", FILE, None, None, None))


@pytest.mark.parametrize(
    ("booted", "booted_then", "clone", "clone_then", "words"),
    [
        (EDITED, FILE, FILE, FILE, REASONS[Outcome.COPY]),
        (FILE, FILE, PATCHED, FILE, REASONS[Outcome.CLONE_ONLY]),
        (None, FILE, FILE, FILE, REASONS[Outcome.ERASED]),
        (EDITED, FILE, PATCHED, FILE, REASONS[Outcome.TARGET_CHANGED]),
        (None, FILE, None, FILE, REASONS[Outcome.FORGOTTEN]),
        (FILE, FILE, None, FILE, "erased on the clone"),
        (EDITED, FILE, None, FILE, "erased on the clone"),
        (FILE, None, None, None, "new on the booted system"),
        (FILE, None, PATCHED, None, "both sides have it, they differ"),
        (None, FILE, PATCHED, FILE, "erased on the booted system, but changed on the clone"),
        (EDITED, FILE, TOUCHED, FILE, "touched on the clone"),
        (None, FILE, TOUCHED, FILE, "touched on the clone"),
    ],
)
def test_the_reason_names_the_side_that_decided(
    booted: Entry | None,
    booted_then: Entry | None,
    clone: Entry | None,
    clone_then: Entry | None,
    words: str,
) -> None:
    candidate = Candidate(b"a", booted, booted_then, clone, clone_then)
    assert reason(candidate, outcome(candidate)).startswith(words)


def test_each_reason_is_one_of_a_kind() -> None:
    assert len(set(REASONS.values())) == len(REASONS)
    assert "gone from both sides" in REASONS[Outcome.FORGOTTEN]
    assert "clone's own" in REASONS[Outcome.OWN]
    assert "location" in REASONS[Outcome.NOT_COMPARED]
    assert "directory" in REASONS[Outcome.REPLACED]
