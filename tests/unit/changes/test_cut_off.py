"""What a run that was cut off left on the clone, told from what somebody else changed there."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from unit.entries import edited, file, seen, trees

from drdwrap.changes import cut_off
from drdwrap.changes.cut_off import LeftByRun, left_by
from drdwrap.changes.difference import Difference
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.pair.private_trees import Trees
from drdwrap.record.intent import Attributes, Intent, Put


def intent(*puts: Put, touched: Mapping[bytes, Attributes] | None = None) -> Intent:
    return Intent("id", 1, "booted", "clone", "sync", puts, touched or {})


def on_clone(*changes: tuple[Entry | None, Entry | None]) -> Difference:
    """The clone now, and in the record (None: not there)."""
    now = {entry.path: entry.line for entry, _ in changes if entry is not None}
    then = {entry.path: entry.line for _, entry in changes if entry is not None}
    return Difference(now, then, {})


@pytest.fixture
def both(tmp_path: Path) -> Trees:
    return trees(tmp_path)


MEANT = file(b"a", size=20, mtime=b"700.5")
BEFORE = file(b"a")


def test_without_an_open_intent_nothing_is_a_runs_work(both: Trees) -> None:
    clone = on_clone((MEANT, BEFORE))
    assert left_by(None, clone, both) is cut_off.NOTHING
    assert left_by(intent(), clone, both) == LeftByRun()


@pytest.mark.parametrize("before", [None, BEFORE])
def test_a_file_with_the_time_that_was_meant_is_its_work(both: Trees, before: Entry | None) -> None:
    half = MEANT._replace(size=3, inode=b"6", ctime=b"800.0")
    found = left_by(intent(Put(MEANT)), on_clone((half, before)), both)
    assert found == LeftByRun(put={b"a": half.line})


def test_a_change_of_somebody_else_is_not(both: Trees) -> None:
    found = left_by(intent(Put(MEANT)), on_clone((edited(BEFORE), BEFORE)), both)
    assert found == LeftByRun()
    found = left_by(intent(Put(MEANT)), on_clone((edited(BEFORE), None)), both)
    assert found == LeftByRun()


def test_what_it_had_not_begun_to_put_is_not(both: Trees) -> None:
    unchanged = Difference({}, {}, {})
    assert left_by(intent(Put(MEANT)), unchanged, both) == LeftByRun()
    erased = on_clone((None, BEFORE))
    assert left_by(intent(Put(MEANT)), erased, both) == LeftByRun()


def test_of_several_times_that_were_meant_each_counts(both: Trees) -> None:
    again = MEANT._replace(mtime=b"900.5")
    other = file(b"b", mtime=b"700.5")
    for now in (MEANT, again):
        here = now._replace(inode=b"6")
        found = left_by(intent(Put(MEANT), Put(again), Put(other)), on_clone((here, BEFORE)), both)
        assert found.put == {b"a": here.line}


class Directory:
    """A directory that the run found on the clone, and what it had of attributes then."""

    def __init__(self, both: Trees) -> None:
        self.both = both
        self.path = both.clone.root + b"/d"
        os.mkdir(self.path)
        self.before = seen(both.clone.root, b"d")
        self.attributes = Attributes(digests(self.path))

    def left_by(self, *puts: Put, now: Entry) -> LeftByRun:
        meant = intent(*puts, touched={b"d": self.attributes})
        return left_by(meant, on_clone((now, self.before)), self.both)


@pytest.fixture
def directory(both: Trees) -> Directory:
    return Directory(both)


def test_a_directory_with_other_times_is_touched_by_the_run(directory: Directory) -> None:
    now = directory.before._replace(mtime=b"900.0", ctime=b"900.0")
    assert directory.left_by(now=now) == LeftByRun(touched={b"d": now.line})


def test_a_directory_with_another_mode_is_not(directory: Directory) -> None:
    now = directory.before._replace(mode=b"700", ctime=b"900.0")
    assert directory.left_by(now=now) == LeftByRun()


def test_a_directory_with_an_attribute_of_somebody_elses_is_not(directory: Directory) -> None:
    os.setxattr(directory.path, "user.note", b"1")
    now = directory.before._replace(ctime=b"900.0")
    assert directory.left_by(now=now) == LeftByRun()


def test_a_directory_that_is_gone_meanwhile_is_not(directory: Directory) -> None:
    os.rmdir(directory.path)
    now = directory.before._replace(ctime=b"900.0")
    assert directory.left_by(now=now) == LeftByRun()


def test_a_recorded_path_that_is_gone_or_new_is_not_touched(both: Trees) -> None:
    meant = intent(touched={b"a": Attributes(frozenset())})
    (Path(os.fsdecode(both.clone.root)) / "a").touch()
    for now, then in ((None, BEFORE), (BEFORE, None)):
        assert left_by(meant, on_clone((now, then)), both) == LeftByRun()
    now = BEFORE._replace(ctime=b"900.0")
    assert left_by(meant, on_clone((now, BEFORE)), both).touched == {b"a": now.line}


def test_a_directory_that_was_to_be_put_has_only_attributes_of_before_or_after(
    directory: Directory,
) -> None:
    meant = directory.before._replace(mode=b"700")
    half = directory.before._replace(mode=b"700", ctime=b"900.0")
    assert directory.left_by(Put(meant), now=half).put == {b"d": half.line}
    os.setxattr(directory.path, "user.note", b"1")
    assert directory.left_by(Put(meant), now=half).put == {}
    directory.attributes = Attributes.between(frozenset(), digests(directory.path))
    assert directory.left_by(Put(meant), now=half).put == {b"d": half.line}
    os.rmdir(directory.path)
    assert directory.left_by(Put(meant), now=half).put == {}


def test_attributes_of_a_directory_that_the_run_made_say_nothing(directory: Directory) -> None:
    os.setxattr(directory.path, "user.note", b"1")
    now = seen(directory.both.clone.root, b"d")
    found = left_by(intent(Put(now)), on_clone((now, None)), directory.both)
    assert found.put == {b"d": now.line}


def test_attributes_of_a_file_that_was_put_say_nothing(both: Trees) -> None:
    """It is looked at in any case: what looks as it was meant to is compared by contents."""
    path = both.clone.root + b"/a"
    Path(os.fsdecode(path)).touch()
    os.setxattr(path, "user.note", b"1")
    now = seen(both.clone.root, b"a")
    meant = intent(Put(now), touched={b"a": Attributes(frozenset())})
    assert left_by(meant, on_clone((now, BEFORE)), both).put == {b"a": now.line}
