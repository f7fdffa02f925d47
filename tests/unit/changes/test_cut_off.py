"""What a run that was cut off left on the clone, told from what somebody else changed there."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import pytest
from unit.entries import edited, file, seen, trees

from drdwrap.changes import cut_off
from drdwrap.changes.cut_off import LeftByRun, left_by
from drdwrap.changes.difference import Difference
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.pair.private_trees import Trees
from drdwrap.record.intent import Attributes, Intent, Move, Put


def intent(
    *puts: Entry,
    touched: Mapping[bytes, Attributes] | None = None,
    moves: Iterable[Move] = (),
) -> Intent:
    given = tuple(map(Put, puts))
    return Intent("id", 1, "booted", "clone", "sync", given, touched or {}, tuple(moves))


def on_clone(*changes: tuple[Entry | None, Entry | None]) -> Difference:
    """The clone now, and in the record (None: not there)."""
    now = {entry.path: entry.line for entry, _ in changes if entry is not None}
    then = {entry.path: entry.line for _, entry in changes if entry is not None}
    return Difference(now, then, {})


class Clone:
    """A file `a` and a directory `d` on the clone, as the run found them."""

    def __init__(self, place: Path) -> None:
        self.trees: Trees = trees(place)
        self.root = self.trees.clone.root
        (place / "clone/a").write_text("old")
        (place / "clone/d").mkdir()
        self.file, self.directory = seen(self.root, b"a"), seen(self.root, b"d")
        self.found = {path: Attributes(digests(self.path(path))) for path in (b"a", b"d")}

    def path(self, path: bytes) -> bytes:
        return self.root + b"/" + path

    def note(self, path: bytes) -> frozenset[bytes]:
        """Give it an attribute; what it has then."""
        os.setxattr(self.path(path), "user.note", b"1")
        return digests(self.path(path))

    def move(self, replaced: Entry | None = None) -> Move:
        """What is now at `a` was moved there."""
        return Move(self.file, digests(self.path(b"a")), replaced)

    def left_by(
        self, meant: Intent | None, *changes: tuple[Entry | None, Entry | None]
    ) -> LeftByRun:
        return left_by(meant, on_clone(*changes), self.trees)


@pytest.fixture
def clone(tmp_path: Path) -> Clone:
    return Clone(tmp_path)


OTHER = file(b"a", inode=b"1")
"""What was at `a` before, or is there since."""


def test_without_an_open_intent_nothing_is_a_runs_work(clone: Clone) -> None:
    change = (clone.file, OTHER)
    assert clone.left_by(None, change) is cut_off.NOTHING
    assert clone.left_by(intent(), change) == LeftByRun()


@pytest.mark.parametrize("then", [None, OTHER])
def test_what_was_moved_to_its_place_is_its_work(clone: Clone, then: Entry | None) -> None:
    move = clone.move(then)
    found = clone.left_by(intent(moves=[move]), (clone.file, then))
    assert found == LeftByRun(put={b"a": clone.file.line})
    # A power cut can have taken some of it, and a rename moves the change time.
    half = clone.file._replace(size=1, ctime=b"900.0")
    found = clone.left_by(intent(moves=[move]), (half, then))
    assert found == LeftByRun(put={b"a": half.line})


def test_what_somebody_made_there_is_not(clone: Clone) -> None:
    move = clone.move()
    for now in (
        OTHER,
        edited(clone.file),
        clone.file._replace(mode=b"600"),
        clone.file._replace(uid=b"9"),
    ):
        assert clone.left_by(intent(moves=[move]), (now, OTHER)) == LeftByRun()
    clone.note(b"a")
    assert clone.left_by(intent(moves=[move]), (clone.file, OTHER)) == LeftByRun()


def test_what_was_not_moved_yet_or_is_gone_again_is_not(clone: Clone) -> None:
    meant = intent(moves=[clone.move(OTHER)])
    assert clone.left_by(meant) == LeftByRun()
    assert clone.left_by(meant, (None, OTHER)) == LeftByRun()
    os.remove(clone.path(b"a"))
    assert clone.left_by(meant, (clone.file, OTHER)) == LeftByRun()


def test_of_several_moves_to_a_path_each_counts(clone: Clone) -> None:
    other = Move(OTHER, frozenset(), None)
    for moves in ([other, clone.move()], [clone.move(), other]):
        found = clone.left_by(intent(moves=moves), (clone.file, None))
        assert found.put == {b"a": clone.file.line}


def test_a_moved_directory_may_have_other_times(clone: Clone) -> None:
    move = Move(clone.directory, digests(clone.path(b"d")), None)
    now = clone.directory._replace(mtime=b"900.0", ctime=b"900.0")
    found = clone.left_by(intent(moves=[move]), (now, None))
    assert found.put == {b"d": now.line}


def test_a_directory_with_other_times_is_touched_by_the_run(clone: Clone) -> None:
    meant = intent(touched=clone.found)
    now = clone.directory._replace(mtime=b"900.0", ctime=b"900.0")
    found = clone.left_by(meant, (now, clone.directory))
    assert found == LeftByRun(touched={b"d": now.line})
    other_mode = now._replace(mode=b"700")
    assert clone.left_by(meant, (other_mode, clone.directory)) == LeftByRun()
    clone.note(b"d")
    assert clone.left_by(meant, (now, clone.directory)) == LeftByRun()


def test_so_is_a_file_whose_change_time_alone_moved(clone: Clone) -> None:
    meant = intent(touched=clone.found)
    now = clone.file._replace(ctime=b"900.0")
    found = clone.left_by(meant, (now, clone.file))
    assert found == LeftByRun(touched={b"a": now.line})
    assert clone.left_by(meant, (edited(clone.file), clone.file)) == LeftByRun()
    os.remove(clone.path(b"a"))
    assert clone.left_by(meant, (now, clone.file)) == LeftByRun()


def test_what_is_new_or_gone_is_not_touched(clone: Clone) -> None:
    meant = intent(touched=clone.found)
    for now, then in ((None, clone.file), (clone.file, None)):
        assert clone.left_by(meant, (now, then)) == LeftByRun()
    beside = clone.file._replace(ctime=b"900.0")
    assert clone.left_by(intent(touched={b"d": clone.found[b"d"]}), (beside, clone.file)) == (
        LeftByRun()
    )


@pytest.mark.parametrize("path", [b"a", b"d"])
def test_attributes_that_are_set_in_place_are_on_the_way_from_old_to_new(
    clone: Clone, path: bytes
) -> None:
    then = clone.file if path == b"a" else clone.directory
    now = then._replace(mode=b"700", ctime=b"900.0")
    meant = intent(now, touched=clone.found)
    assert clone.left_by(meant, (now, then)).put == {path: now.line}
    found = clone.note(path)
    assert clone.left_by(meant, (now, then)).put == {}
    both = {path: Attributes.between(frozenset(), found)}
    assert clone.left_by(intent(now, touched=both), (now, then)).put == {path: now.line}
    os.removexattr(clone.path(path), "user.note")
    assert clone.left_by(intent(now, touched=both), (now, then)).put == {path: now.line}


def test_what_cannot_have_been_set_in_place_is_not_its_work(clone: Clone) -> None:
    meant = clone.file._replace(mode=b"700")
    now = meant._replace(ctime=b"900.0")
    declared = intent(meant, touched=clone.found)
    for other in (now._replace(mode=b"755"), now._replace(inode=b"1"), now._replace(size=99)):
        assert clone.left_by(declared, (other, clone.file)) == LeftByRun()
    assert clone.left_by(declared, (now, None)) == LeftByRun()
    assert clone.left_by(declared, (None, clone.file)) == LeftByRun()
    assert clone.left_by(intent(meant), (now, clone.file)) == LeftByRun()
