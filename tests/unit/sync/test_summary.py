"""What a run says at its end, and what that makes of its exit status."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from unit.entries import file
from unit.sync.jobs import Sides

from drdwrap.errors import Interrupted
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.last_look import Arrived
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.result import RunResult
from drdwrap.sync.summary import summarize


class Run:
    """A run that was to copy `a`, `b` and `c`."""

    def __init__(self, place: Path) -> None:
        sides = Sides(place)
        for name in ("a", "b", "c"):
            sides.write(name)
        self.job = sides.job(b"a", b"b", b"c")
        self.ledger = Ledger()
        self.said = Transcript()

    def note(self, path: bytes, state: PathState, why: str = "", *, put: bool = False) -> None:
        self.ledger.note(path, state, why, file(path) if put else None)

    def summary(self, *overtaken: bytes) -> RunResult:
        put = {path: note for path, note in self.ledger.copies.items() if note.put}
        result = RunResult("/", "/clone")
        summarize(self.job, self.ledger, Arrived(put, overtaken), self.said, result)
        return result


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def test_what_was_copied_and_what_was_removed_is_counted(run: Run) -> None:
    run.note(b"a", PathState.COPIED, put=True)
    run.note(b"b", PathState.COPIED, put=True)
    run.note(b"c", PathState.CHANGING, put=True)
    run.ledger.note_all([b"x", b"y"], PathState.REMOVED)
    run.note(b"z", PathState.NOT_REMOVED, "is back")
    assert run.summary().counts == {"copied": 2, "deleted": 2}


def test_what_was_changed_on_the_clone_since_it_was_put_is_a_note_and_not_counted(
    run: Run,
) -> None:
    run.note(b"a", PathState.COPIED, put=True)
    run.note(b"b", PathState.COPIED, put=True)
    result = run.summary(b"b")
    assert result.counts["copied"] == 1
    (note,) = result.notes
    assert note.startswith("/b changed on the clone")
    assert result.exit_status == 0


@pytest.mark.parametrize("state", [PathState.COPIED, PathState.REMOVED])
def test_what_went_its_way_needs_no_word(run: Run, state: PathState) -> None:
    run.note(b"a", state, put=True)
    result = run.summary()
    assert result.warnings == result.notes == []
    assert result.exit_status == 0


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (PathState.FAILED, "/a could not be copied: so it is"),
        (PathState.REMOVAL_FAILED, "/a could not be removed: so it is"),
    ],
)
def test_a_failure_is_a_warning_with_its_reason(run: Run, state: PathState, text: str) -> None:
    run.note(b"a", state, "so it is")
    result = run.summary()
    assert (result.warnings, result.notes) == ([text], [])
    assert result.exit_status == 2


@pytest.mark.parametrize(
    ("state", "text"),
    [
        (PathState.CHANGING, "/a changed on the booted system while it was copied: the next"),
        (PathState.UNPROVED, "/a: its contents were not compared"),
        (PathState.CHANGED, "/a is not copied: so it is"),
        (PathState.NOT_REMOVED, "/a is not removed: so it is"),
    ],
)
def test_what_is_no_error_is_a_note(run: Run, state: PathState, text: str) -> None:
    run.note(b"a", state, "so it is")
    result = run.summary()
    assert result.warnings == []
    (note,) = result.notes
    assert note.startswith(text)
    assert result.exit_status == 0


def test_only_a_file_that_refuses_calls_for_chattr(run: Run) -> None:
    denied = "mkstemp failed: Operation not permitted (1)"
    run.note(b"a", PathState.FAILED, denied)
    run.note(b"b", PathState.FAILED, "No space left on device (28)")
    run.note(b"c", PathState.CHANGED, denied)
    result = run.summary()
    first, second = result.warnings
    assert first.startswith(f"/a could not be copied: {denied} (")
    assert "'chattr -i'" in first
    assert "'drdwrap accept'" in first
    assert second == "/b could not be copied: No space left on device (28)"
    assert result.notes == [f"/c is not copied: {denied}"]


def test_of_a_file_with_more_names_than_the_clone_allows_is_told_once(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    for name in ("a/first", "a/second", "b/first"):
        sides.write(name)
    for number in range(5):
        os.link(sides.booted / "a/first", sides.booted / f"a/{number}")
    os.link(sides.booted / "a/second", sides.booted / "z")
    paths = [b"a/first", *(b"a/%d" % number for number in range(5)), b"a/second", b"b/first", b"z"]
    run = Run(tmp_path / "other")
    run.job = sides.job(*paths)
    for path in paths[2:6]:
        run.note(path, PathState.FAILED, "=> a/first failed: Too many links (31)")
    run.note(b"a/4", PathState.FAILED, "Too many links")
    run.note(b"z", PathState.FAILED, "Too many links")
    run.note(b"b/first", PathState.FAILED, "No space left on device (28)")
    assert run.summary().warnings == [
        "/b/first could not be copied: No space left on device (28)",
        "/a/1 and 3 more could not be made: they are among the 6 names of one file, and the"
        " clone's file system allows no more",
        "/z could not be made: it is one of 2 names of a file, and the clone's file system allows"
        " no more",
    ]


def test_so_are_more_directories_in_one_than_the_clone_allows(tmp_path: Path) -> None:
    sides = Sides(tmp_path)
    paths = [b"d/%d" % number for number in range(4)] + [b"e/x"]
    for path in paths:
        (sides.booted / os.fsdecode(path)).mkdir(parents=True)
    run = Run(tmp_path / "other")
    run.job = sides.job(*paths)
    for path in paths[1:]:
        run.note(path, PathState.FAILED, "mkdir failed: Too many links (31)")
    assert run.summary().warnings == [
        "/d/1 and 2 more could not be made: the clone's file system allows no more directories in"
        " /d",
        "/e/x could not be made: the clone's file system allows no more directories in /e",
    ]


def test_names_are_fit_for_a_screen(run: Run) -> None:
    run.note(b"a\x1b\n", PathState.CHANGED, "why")
    run.note(b"b\x1b\n", PathState.NOT_REMOVED, "why")
    assert run.summary().notes == [
        "/b\\033\\012 is not removed: why",
        "/a\\033\\012 is not copied: why",
    ]
    assert run.summary(b"c\x1b").notes[-1].startswith("/c\\033 ")


def test_a_copy_that_was_cut_off_is_an_error_with_how_far_it_got(run: Run) -> None:
    run.said = Transcript(messages=[b"first", b"the disk is \\#046 full"], cut_off="file I/O")
    run.note(b"a", PathState.COPIED, put=True)
    result = run.summary()
    assert result.error.startswith("file I/O: the disk is & full; 2 paths were not reached")
    assert result.exit_status == 1
    run.note(b"b", PathState.FAILED, "why")
    run.said.unexplained.append(b"the disk is full")
    result = run.summary()
    assert "; 1 path was not reached" in result.error
    assert result.warnings == ["/b could not be copied: why"]


def test_a_signal_is_no_error_of_the_copy(run: Run) -> None:
    run.said.unexplained.append(b"odd")
    run.said.interrupt(Interrupted(signal.SIGTERM))
    result = run.summary()
    assert result.error == ""
    assert result.warnings == ["odd"]


def test_what_rsync_complained_of_without_a_name_is_a_warning(run: Run) -> None:
    run.said = Transcript(messages=[b"x"], unexplained=[b"rsync: odd \\#303\\#244\\#033"])
    assert run.summary().warnings == ["rsync: odd \u00e4\\033"]


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
