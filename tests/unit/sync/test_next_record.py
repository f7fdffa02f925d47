"""The next record: what a run leaves for the next one to go by, for whatever became of a path."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.entries import (
    YOUNG,
    changed,
    changed_on_both,
    changed_on_clone,
    edited,
    erased,
    erased_on_both,
    erased_on_clone,
    file,
    in_step,
    inventory,
    new,
)

from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome, outcome
from drdwrap.changes.difference import Difference
from drdwrap.inventory.entry import Entry
from drdwrap.sync.ledger import Note, PathState
from drdwrap.sync.next_record import Lines, carried_over, next_record
from drdwrap.trim.trimming import Verdict

NOTHING = Difference({}, {}, {})
UNSETTLED = inventory().is_unsettled
FILE = file(b"a")
PUT = edited(FILE)._replace(inode=b"8", ctime=b"900.0")
"""The booted file as the run has put it on the clone."""
MINE = file(b"a", size=99, mtime=b"950.0", ctime=b"950.0", inode=b"6")
"""What somebody made of it on the clone."""
OF_COPIES = [
    PathState.COPIED,
    PathState.CHANGING,
    PathState.UNPROVED,
    PathState.FAILED,
    PathState.CHANGED,
]
COPIES = [new(FILE), changed(FILE), erased_on_clone(FILE)]


def compared(
    own: frozenset[bytes] = frozenset(),
    unknown: frozenset[bytes] = frozenset(),
    booted: Difference = NOTHING,
    clone: Difference = NOTHING,
) -> Comparison:
    return Comparison(booted, clone, {}, own, unknown)


def lines(
    *candidates: Candidate,
    verdict: Outcome | None = None,
    notes: Mapping[bytes, Note] | None = None,
    gone: frozenset[bytes] = frozenset(),
    moved: Mapping[bytes, Entry] | None = None,
    trusted: frozenset[bytes] = frozenset(),
    comparison: Comparison | None = None,
) -> tuple[Lines, Lines]:
    """The next record's changes; without a `verdict` each has that of the decision table."""
    verdicts = {c.path: Verdict(verdict or outcome(c), "") for c in candidates}
    by_path = {c.path: c for c in candidates}
    given = comparison or compared(), by_path, verdicts, notes or {}, gone, moved or {}
    return next_record(*given, UNSETTLED, trusted)


def recorded(candidate: Candidate, note: Note | None) -> tuple[Entry | None, Entry | None]:
    """What the record has of a path that was to be copied."""
    notes = {candidate.path: note} if note else {}
    both = lines(candidate, verdict=Outcome.COPY, notes=notes)
    here, there = (side[candidate.path] for side in both)
    return (Entry.parse(here) if here else None), (Entry.parse(there) if there else None)


def next_outcome(candidate: Candidate, note: Note | None, clone: Entry | None) -> Outcome:
    """What the next run says, with the clone as it is now, and the booted side as it was."""
    here, there = recorded(candidate, note)
    return outcome(Candidate(candidate.path, candidate.booted, here, clone, there))


@pytest.mark.parametrize("candidate", COPIES)
def test_what_was_copied_is_in_step(candidate: Candidate) -> None:
    copied = Note(PathState.COPIED, put=PUT)
    assert recorded(candidate, copied) == (candidate.booted, PUT)
    assert next_outcome(candidate, copied, PUT) is Outcome.IN_STEP


@pytest.mark.parametrize("candidate", COPIES)
@pytest.mark.parametrize("state", [PathState.CHANGING, PathState.UNPROVED, PathState.FAILED])
def test_what_was_put_and_is_not_all_right_is_put_again(
    candidate: Candidate, state: PathState
) -> None:
    assert candidate.booted is not None
    put = Note(state, "why", PUT)
    assert recorded(candidate, put) == (never_seen(candidate.booted), PUT)
    assert next_outcome(candidate, put, PUT) is Outcome.COPY


@pytest.mark.parametrize("candidate", COPIES)
@pytest.mark.parametrize("state", [None, *OF_COPIES])
def test_where_nothing_was_put_the_record_says_what_it_said(
    candidate: Candidate, state: PathState | None
) -> None:
    note = Note(state, "why") if state else None
    assert recorded(candidate, note) == (candidate.booted_then, candidate.clone_then)
    assert next_outcome(candidate, note, candidate.clone) is Outcome.COPY


@pytest.mark.parametrize("candidate", [changed(FILE), erased_on_clone(FILE)])
def test_what_changed_on_the_clone_meanwhile_is_the_clones(candidate: Candidate) -> None:
    left_alone = next_outcome(candidate, Note(PathState.CHANGED, "why"), MINE)
    assert left_alone in (Outcome.TARGET_CHANGED, Outcome.CLONE_ONLY)
    since_it_was_put = next_outcome(candidate, Note(PathState.COPIED, put=PUT), MINE)
    assert since_it_was_put is Outcome.CLONE_ONLY


@given(
    st.sampled_from([*COPIES, Candidate(b"a", edited(FILE), None, FILE, None)]),
    st.none() | st.builds(Note, st.sampled_from(OF_COPIES), put=st.sampled_from([None, PUT])),
)
def test_the_record_never_says_that_drdwrap_put_what_it_has_not(
    candidate: Candidate, note: Note | None
) -> None:
    _, there = recorded(candidate, note)
    put = note.put if note else None
    left_alone = note is not None and note.state is PathState.CHANGED and put is None
    assert there in (None, put, candidate.clone_then, None if left_alone else candidate.clone)
    assert next_outcome(candidate, note, MINE) is not Outcome.COPY


def test_what_adopt_newer_could_not_copy_is_copied_by_the_next_run() -> None:
    """That the booted one is to be taken was settled once: the next run has a record to go by."""
    candidate = Candidate(b"a", edited(FILE), None, FILE, None)
    for note in (None, Note(PathState.FAILED, "why"), Note(PathState.CHANGING)):
        assert recorded(candidate, note) == (never_seen(edited(FILE)), FILE)
        assert next_outcome(candidate, note, FILE) is Outcome.COPY


def test_what_changed_on_the_clone_before_adopt_newer_came_to_it_is_the_clones() -> None:
    candidate = Candidate(b"a", edited(FILE), None, FILE, None)
    changed_meanwhile = Note(PathState.CHANGED, "why")
    assert recorded(candidate, changed_meanwhile) == (None, None)
    assert next_outcome(candidate, changed_meanwhile, MINE) is Outcome.TARGET_CHANGED


@pytest.mark.parametrize(
    ("candidate", "verdict"),
    [
        (changed_on_both(FILE), Outcome.TARGET_CHANGED),
        (changed_on_clone(FILE), Outcome.CLONE_ONLY),
        (erased(FILE), Outcome.ERASED),
        (erased(FILE), Outcome.REPLACED),
        (changed(FILE), Outcome.NONVOLATILE),
        (changed(FILE), Outcome.LOCATION),
        (in_step(FILE), Outcome.NOT_COMPARED),
    ],
)
def test_of_what_stays_the_record_says_what_it_said(candidate: Candidate, verdict: Outcome) -> None:
    booted, clone = lines(candidate, verdict=verdict)
    assert booted == clone == {b"a": FILE.line}


@pytest.mark.parametrize("verdict", [Outcome.TARGET_CHANGED, Outcome.NONVOLATILE, Outcome.OWN])
def test_what_drdwrap_has_not_put_stays_out_of_the_record(verdict: Outcome) -> None:
    booted, clone = lines(Candidate(b"a", edited(FILE), None, FILE, None), verdict=verdict)
    assert booted == clone == {b"a": None}


def test_what_was_removed_or_is_gone_from_both_sides_is_forgotten() -> None:
    nothing = {b"a": None}
    assert lines(erased_on_both(FILE)) == (nothing, nothing)
    assert lines(erased(FILE), gone=frozenset({b"a"})) == (nothing, nothing)
    assert lines(erased(FILE), gone=frozenset({b"b"})) == ({b"a": FILE.line}, {b"a": FILE.line})


def test_what_is_alike_is_recorded_as_both_sides_have_it() -> None:
    mine, other = edited(FILE), edited(FILE)._replace(inode=b"6")
    candidate = Candidate(b"a", mine, FILE, other, None, hidden="")
    assert lines(candidate) == ({b"a": mine.line}, {b"a": other.line})


def young(candidate: Candidate) -> Candidate:
    assert candidate.booted is not None
    return replace(candidate, booted=candidate.booted._replace(ctime=YOUNG))


def test_a_change_time_as_young_as_the_scan_is_not_recorded() -> None:
    copied = {b"a": Note(PathState.COPIED, put=PUT)}
    alike = Candidate(b"a", FILE._replace(ctime=YOUNG), FILE, FILE, FILE, hidden="")
    for candidate, notes, there in ((young(changed(FILE)), copied, PUT), (alike, {}, FILE)):
        assert candidate.booted is not None
        booted, clone = lines(candidate, notes=notes)
        assert booted == {b"a": candidate.booted._replace(ctime=b"0").line}
        assert clone == {b"a": there.line}
        booted, _ = lines(candidate, notes=notes, trusted=frozenset({b"a"}))
        assert booted == {b"a": candidate.booted.line}


def test_a_young_change_time_of_what_stays_is_no_matter() -> None:
    then = FILE._replace(ctime=YOUNG)
    candidate = Candidate(b"a", edited(FILE), then, edited(FILE, b"300.0"), FILE)
    booted, _ = lines(candidate)
    assert booted == {b"a": then.line}


def test_what_moved_along_is_recorded_as_it_is_now() -> None:
    now = file(b"d", ctime=b"900.0")
    booted, clone = lines(moved={b"d": now})
    assert booted == {}
    assert clone == {b"d": now.line}
    booted, clone = lines(changed_on_clone(FILE), moved={b"a": PUT})
    assert booted == {b"a": FILE.line}
    assert clone == {b"a": PUT.line}


def test_what_is_not_recorded_does_not_come_in_by_moving_along() -> None:
    nothing = {b"a": None}
    assert lines(erased(FILE), gone=frozenset({b"a"}), moved={b"a": PUT}) == (nothing, nothing)
    own = compared(own=frozenset({b"a"}))
    assert lines(comparison=own, moved={b"a": PUT}) == ({}, nothing)


def test_the_clones_own_and_what_is_unknown_stay_as_the_record_has_them() -> None:
    there = FILE._replace(inode=b"6")
    found = compared(
        own=frozenset({b"mine"}),
        unknown=frozenset({b"a", b"b", b"c"}),
        booted=Difference({b"b": b"now"}, {b"a": FILE.line}, {}),
        clone=Difference({b"a": b"now"}, {b"a": there.line}, {}),
    )
    booted: Lines = {b"a": FILE.line, b"b": None}
    clone: Lines = {b"mine": None, b"a": there.line}
    assert carried_over(found) == (booted, clone)
    assert lines(comparison=found) == (booted, clone)


@given(
    st.sampled_from(
        [new(FILE), changed(FILE), erased_on_clone(FILE), changed_on_both(FILE), erased(FILE)]
    ),
    st.sampled_from(Outcome),
    st.none() | st.builds(Note, st.sampled_from(OF_COPIES), put=st.sampled_from([None, PUT])),
    st.booleans(),
)
def test_both_sides_of_the_record_name_the_same_paths(
    candidate: Candidate, verdict: Outcome, note: Note | None, gone: bool
) -> None:
    booted, clone = lines(
        candidate,
        verdict=verdict,
        notes={b"a": note} if note else {},
        gone=frozenset({b"a"} if gone else ()),
    )
    assert booted.keys() == clone.keys()
    assert (booted[b"a"] is None) == (clone[b"a"] is None)
