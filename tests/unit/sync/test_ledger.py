"""What the ledger has of each path: a note for a copy, one for a removal; the first stands."""

from __future__ import annotations

import pytest
from unit.entries import file

from drdwrap.sync.ledger import Ledger, Note, PathState

OF_REMOVALS = [PathState.REMOVED, PathState.NOT_REMOVED, PathState.REMOVAL_FAILED]


@pytest.mark.parametrize("state", PathState)
def test_copies_and_removals_are_noted_apart(state: PathState) -> None:
    ledger = Ledger()
    put, attributes = file(b"a"), frozenset({b"0123"})
    ledger.note(b"a", state, "why", put, attributes)
    note = {b"a": Note(state, "why", put, attributes)}
    apart = ({}, note) if state in OF_REMOVALS else (note, {})
    assert (ledger.copies, ledger.removals) == apart
    assert ledger.state(b"a") is (None if state in OF_REMOVALS else state)
    assert ledger.state(b"b") is None


def test_the_first_note_stands_and_the_order_is_the_one_they_were_made_in() -> None:
    ledger = Ledger()
    ledger.note(b"b", PathState.CHANGED, "first")
    ledger.note(b"a", PathState.COPIED)
    ledger.note(b"b", PathState.FAILED, "second")
    assert list(ledger.copies.items()) == [
        (b"b", Note(PathState.CHANGED, "first")),
        (b"a", Note(PathState.COPIED)),
    ]
    ledger.note(b"c", PathState.NOT_REMOVED, "first")
    ledger.note(b"c", PathState.REMOVED)
    assert ledger.removals == {b"c": Note(PathState.NOT_REMOVED, "first")}


def test_a_path_can_be_copied_and_removed() -> None:
    ledger = Ledger()
    ledger.note(b"a", PathState.REMOVED)
    ledger.note(b"a", PathState.COPIED)
    assert ledger.state(b"a") is PathState.COPIED
    assert ledger.removed() == {b"a"}


def test_only_what_is_gone_was_removed() -> None:
    ledger = Ledger()
    ledger.note_all([b"a", b"b"], PathState.REMOVED)
    ledger.note(b"c", PathState.NOT_REMOVED, "why")
    ledger.note(b"d", PathState.REMOVAL_FAILED, "why")
    ledger.note(b"e", PathState.COPIED)
    assert ledger.removed() == {b"a", b"b"}
    assert ledger.removals[b"a"] == Note(PathState.REMOVED)
