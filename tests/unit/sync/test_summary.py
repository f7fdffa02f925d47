"""What a run says at its end, and what that makes of its exit status."""

from __future__ import annotations

import signal

import pytest
from unit.entries import file

from drdwrap.errors import Interrupted
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import Arrival, Arrived
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.result import RunResult
from drdwrap.sync.summary import summarize

ENTRY = file(b"a")


def summary(
    *arrived: Arrived,
    ledger: Ledger | None = None,
    transcript: Transcript | None = None,
) -> RunResult:
    """The result where these are the paths `0`, `1`, ..."""
    result = RunResult("/", "/clone")
    by_path = {b"%d" % number: found for number, found in enumerate(arrived)}
    summarize(ledger or Ledger(), by_path, transcript or Transcript(), result)
    return result


def test_what_arrived_and_what_was_removed_is_counted() -> None:
    ledger = Ledger()
    ledger.note_all([b"x", b"y"], PathState.REMOVED)
    ledger.note(b"z", PathState.NOT_REMOVED, "is back")
    result = summary(
        Arrived(Arrival.COPIED, ENTRY),
        Arrived(Arrival.COPIED, ENTRY),
        Arrived(Arrival.CHANGING, ENTRY),
        ledger=ledger,
    )
    assert result.counts == {"copied": 2, "deleted": 2}


def test_what_arrived_needs_no_word() -> None:
    result = summary(Arrived(Arrival.COPIED, ENTRY), Arrived(Arrival.NOT_REACHED, None))
    assert result.warnings == result.notes == []
    assert result.exit_status == 0


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Arrived(Arrival.FAILED, ENTRY, "disk on fire"), "disk on fire"),
        (Arrived(Arrival.SWAPPED, None), "swapped"),
        (Arrived(Arrival.OVERTAKEN, ENTRY, "set_acl failed"), "set_acl failed"),
    ],
)
def test_what_did_not_arrive_is_a_warning(found: Arrived, words: str) -> None:
    result = summary(found)
    assert result.notes == []
    (warning,) = result.warnings
    assert warning.startswith("/0 ")
    assert words in warning
    assert result.exit_status == 2


@pytest.mark.parametrize(
    "found", [Arrived(Arrival.CHANGING, ENTRY), Arrived(Arrival.OVERTAKEN, ENTRY)]
)
def test_what_changed_meanwhile_is_a_note(found: Arrived) -> None:
    result = summary(found)
    assert result.warnings == []
    (note,) = result.notes
    assert note.startswith(f"/0 {found.arrival.value}")
    assert result.exit_status == 0


def test_only_a_file_of_the_clones_that_refuses_calls_for_chattr() -> None:
    denied = "mkstemp failed: Operation not permitted (1)"
    (warning,) = summary(Arrived(Arrival.FAILED, ENTRY, denied)).warnings
    assert f"/0 could not be copied: {denied} (" in warning
    assert "'chattr -i'" in warning
    assert "'drdwrap accept'" in warning
    for other in (
        Arrived(Arrival.FAILED, None, denied),
        Arrived(Arrival.FAILED, ENTRY, "No space left on device (28)"),
    ):
        assert summary(other).warnings == [f"/0 could not be copied: {other.message}"]


@pytest.mark.parametrize(
    ("state", "warning", "text"),
    [
        (PathState.NOT_REMOVED, False, "/a is not removed: so it is"),
        (PathState.REMOVAL_FAILED, True, "/a could not be removed: so it is"),
        (PathState.FAILED, True, "/a could not be copied: so it is"),
        (PathState.CHANGED, False, "/a is not copied: so it is"),
    ],
)
def test_what_was_left_out_or_stays_is_told_with_its_reason(
    state: PathState, warning: bool, text: str
) -> None:
    ledger = Ledger()
    ledger.note(b"a", state, "so it is")
    result = summary(ledger=ledger)
    assert (result.warnings, result.notes) == (([text], []) if warning else ([], [text]))


@pytest.mark.parametrize("state", [PathState.CLEARED, PathState.HANDED_OVER, PathState.REMOVED])
def test_what_went_its_way_needs_no_word(state: PathState) -> None:
    ledger = Ledger()
    ledger.note(b"a", state)
    result = summary(ledger=ledger)
    assert result.warnings == result.notes == []


def test_names_are_fit_for_a_screen() -> None:
    ledger = Ledger()
    ledger.note(b"a\x1b\n", PathState.CHANGED, "why")
    assert summary(ledger=ledger).notes == ["/a\\033\\012 is not copied: why"]


def test_a_copy_that_was_cut_off_is_an_error_with_how_far_it_got() -> None:
    unreached = Arrived(Arrival.NOT_REACHED, None)
    said = Transcript(messages=[b"first", b"the disk is \\#046 full"], cut_off="file I/O")
    result = summary(unreached, transcript=said)
    assert result.error.startswith("file I/O: the disk is & full; 1 path was not reached")
    assert result.exit_status == 1
    result = summary(unreached, unreached, transcript=said)
    assert "; 2 paths were not reached" in result.error
    said.unexplained.append(b"the disk is full")
    assert summary(unreached, transcript=said).warnings == []


def test_a_signal_is_no_error_of_the_copy() -> None:
    said = Transcript(unexplained=[b"odd"])
    said.interrupt(Interrupted(signal.SIGTERM))
    result = summary(Arrived(Arrival.NOT_REACHED, None), transcript=said)
    assert result.error == ""
    assert result.warnings == ["odd"]


def test_what_rsync_complained_of_without_a_name_is_a_warning() -> None:
    said = Transcript(messages=[b"x"], unexplained=[b"rsync: odd \\#303\\#244\\#033"])
    assert summary(transcript=said).warnings == ["rsync: odd \u00e4\\033"]


def test_the_json_of_a_result_has_a_plan_and_an_error_only_where_there_are_some() -> None:
    result = RunResult("/", "/clone", {"copied": 1}, bytes_to_be_copied=7, warnings=["odd"])
    plain = {
        "booted_root": "/",
        "clone_root": "/clone",
        "counts": {"copied": 1},
        "bytes_to_be_copied": 7,
        "warnings": ["odd"],
        "exit_status": 2,
    }
    assert result.as_json() == plain
    result.notes.append("never mind")
    assert result.as_json() == plain
    result.error = "it failed"
    result.plan = ["a disk"]
    assert result.as_json() == {
        **plain,
        "exit_status": 1,
        "plan": ["a disk"],
        "error": "it failed",
    }
