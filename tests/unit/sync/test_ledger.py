"""What the ledger has of each path."""

from __future__ import annotations

import pytest
from unit.entries import file

from drdwrap.sync.ledger import Ledger, PathState


def test_a_path_has_the_states_that_were_noted_of_it() -> None:
    ledger = Ledger()
    ledger.note(b"a", PathState.HANDED_OVER)
    ledger.note_all([b"a", b"b"], PathState.REMOVED)
    assert ledger.has(b"a", PathState.HANDED_OVER)
    assert ledger.has(b"a", PathState.REMOVED)
    assert not ledger.has(b"b", PathState.HANDED_OVER)
    assert not ledger.has(b"a", PathState.FAILED)
    assert ledger.all(PathState.REMOVED) == {b"a": "", b"b": ""}
    assert ledger.all(PathState.CLEARED) == {}


def test_the_first_reason_stands_and_the_order_is_the_one_they_were_noted_in() -> None:
    ledger = Ledger()
    ledger.note(b"b", PathState.CHANGED, "first")
    ledger.note(b"a", PathState.CHANGED, "another")
    ledger.note(b"b", PathState.CHANGED, "second")
    ledger.note(b"b", PathState.FAILED, "elsewhere")
    assert list(ledger.all(PathState.CHANGED).items()) == [(b"b", "first"), (b"a", "another")]
    assert ledger.all(PathState.FAILED) == {b"b": "elsewhere"}


@pytest.mark.parametrize("state", PathState)
def test_a_path_is_left_out_if_it_changed_or_failed(state: PathState) -> None:
    ledger = Ledger()
    ledger.note(b"a", state)
    assert ledger.is_left_out(b"a") is (state in (PathState.CHANGED, PathState.FAILED))
    assert not ledger.is_left_out(b"b")


def test_what_rsync_made_is_what_was_there_when_it_was_last_looked_at() -> None:
    ledger = Ledger()
    ledger.note_made(b"a", None)
    ledger.note_made(b"a", file(b"a"))
    ledger.note_made(b"b", None)
    assert ledger.made == {b"a": file(b"a"), b"b": None}
