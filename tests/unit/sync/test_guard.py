"""The last check before the clone is changed, on real trees that change at that moment."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from unit.entries import file, new
from unit.sync.jobs import Sides

from drdwrap.inventory.entry import Entry
from drdwrap.sync.guard import Reached, leave_out_changed, leave_out_sets, leave_out_unreadable
from drdwrap.sync.ledger import Ledger, Note, PathState

CHANGED = Note(PathState.CHANGED, "changed on the clone meanwhile")


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_only_directories_lead_to_a_path(sides: Sides) -> None:
    sides.write("d/e/x")
    (sides.clone / "link").symlink_to("d")
    reached = Reached(sides.job())
    assert reached.by_directories(b"")
    assert reached.by_directories(b"d/e")
    assert not reached.by_directories(b"link")
    assert not reached.by_directories(b"link/e")
    assert not reached.by_directories(b"d/e/x")
    assert not reached.by_directories(b"nowhere")
    assert not reached.by_directories(b"nowhere/below")


def test_a_directory_is_looked_at_once(sides: Sides) -> None:
    sides.write("d/e/x")
    reached = Reached(sides.job())
    assert reached.by_directories(b"d")
    shutil.rmtree(sides.clone / "d")
    assert reached.by_directories(b"d")
    assert not reached.by_directories(b"d/e")
    assert not Reached(sides.job()).by_directories(b"d")


def test_directories_that_are_to_be_copied_lead_to_what_is_to_be_copied(sides: Sides) -> None:
    (sides.booted / "d/e").mkdir(parents=True)
    (sides.booted / "f").touch()
    (sides.booted / "g").mkdir()
    (sides.booted / "h").mkdir()
    (sides.clone / "h").touch()
    job, ledger = sides.job(b"d", b"d/e", b"f", b"h"), Ledger()
    reached = Reached(job, ledger)
    assert reached.by_directories(b"d/e")
    assert reached.by_directories(b"h")
    assert not reached.by_directories(b"f")
    assert not reached.by_directories(b"g")
    assert not Reached(job).by_directories(b"d/e")
    ledger.note(b"d", PathState.CHANGED, "why")
    assert not Reached(job, ledger).by_directories(b"d/e")


def test_what_is_as_the_scan_saw_it_may_be_copied(sides: Sides) -> None:
    sides.write("d/x")
    (sides.booted / "d/new").touch()
    for without_links in (True, False):
        job, ledger = sides.job(b"d/new", b"d/x", without_links=without_links), Ledger()
        assert leave_out_changed(job, ledger, (b"d/new", b"d/x")) == (b"d/new", b"d/x")
        assert ledger.copies == {}


def test_what_changed_on_the_clone_since_the_scan_is_left_out(sides: Sides) -> None:
    for name in ("changed", "gone", "same"):
        sides.write(name)
    (sides.booted / "appeared").touch()
    paths = (b"appeared", b"changed", b"gone", b"same")
    job, ledger = sides.job(*paths), Ledger()
    (sides.clone / "changed").write_text("mine")
    (sides.clone / "gone").unlink()
    (sides.clone / "appeared").touch()
    assert leave_out_changed(job, ledger, paths) == (b"same",)
    assert ledger.copies == dict.fromkeys(paths[:3], CHANGED)


@pytest.mark.parametrize("without_links", [True, False])
def test_so_is_what_lies_below_what_is_no_longer_a_directory(
    sides: Sides, without_links: bool
) -> None:
    sides.write("d/x")
    (sides.booted / "d/new").touch()
    job, ledger = sides.job(b"d/new", b"d/x", without_links=without_links), Ledger()
    (sides.clone / "d").rename(sides.clone / "elsewhere")
    (sides.clone / "d").symlink_to("elsewhere")
    left = leave_out_changed(job, ledger, (b"d/new", b"d/x"))
    # Where the kernel follows no link, what is there was reached by directories.
    assert left == ((b"d/x",) if without_links else ())
    why = "its directory changed on the clone meanwhile"
    assert ledger.copies[b"d/new"] == Note(PathState.CHANGED, why)


def test_a_directory_may_have_other_times_and_no_other_attributes(sides: Sides) -> None:
    sides.write("d/x")
    job, ledger = sides.job(b"d"), Ledger()
    os.utime(sides.clone / "d", (5, 5))
    assert leave_out_changed(job, ledger, (b"d",)) == (b"d",)
    os.setxattr(sides.clone / "d", "user.note", b"1")
    assert leave_out_changed(job, ledger, (b"d",)) == ()


def test_a_file_may_have_more_or_fewer_names_and_no_other_attributes(sides: Sides) -> None:
    for name in ("x", "y", "z"):
        sides.write(name)
        os.link(sides.clone / name, sides.clone / f"{name}-1")
    job, ledger = sides.job(b"x", b"y", b"z"), Ledger()
    (sides.clone / "x-1").unlink()
    os.link(sides.clone / "y", sides.clone / "y-2")
    (sides.clone / "z-1").unlink()
    os.setxattr(sides.clone / "z", "user.note", b"1")
    assert leave_out_changed(job, ledger, (b"x", b"y", b"z")) == (b"x", b"y")


def test_a_file_of_one_name_whose_change_time_moved_was_changed(sides: Sides) -> None:
    sides.write("x")
    job, ledger = sides.job(b"x"), Ledger()
    mode = (sides.clone / "x").stat().st_mode & 0o777
    (sides.clone / "x").chmod(0o600)
    (sides.clone / "x").chmod(mode)
    assert leave_out_changed(job, ledger, (b"x",)) == ()


def test_so_was_one_of_several_names_that_has_as_many_as_before(sides: Sides) -> None:
    sides.write("x")
    os.link(sides.clone / "x", sides.clone / "y")
    job, ledger = sides.job(b"x"), Ledger()
    mode = (sides.clone / "x").stat().st_mode & 0o777
    (sides.clone / "x").chmod(0o600)
    (sides.clone / "x").chmod(mode)
    assert leave_out_changed(job, ledger, (b"x",)) == ()


def test_a_set_is_left_out_whole_except_what_has_its_note(sides: Sides) -> None:
    paths = (b"a", b"a-journal", b"a-wal", b"b")
    for path in paths:
        sides.write(os.fsdecode(path))
    job, ledger = sides.job(*paths), Ledger()
    ledger.note(b"a-journal", PathState.COPIED)
    (sides.clone / "a-wal").write_text("mine")
    assert leave_out_changed(job, ledger, paths) == (b"b",)
    assert ledger.copies[b"a-wal"] == CHANGED
    assert ledger.copies[b"a"].state is PathState.CHANGED
    assert "/a-wal" in ledger.copies[b"a"].why
    assert ledger.copies[b"a"].why.endswith(CHANGED.why)
    assert ledger.copies[b"a-journal"] == Note(PathState.COPIED)


def test_a_set_of_which_a_member_cannot_be_copied_is_left_out_with_the_reason(
    sides: Sides,
) -> None:
    for name in ("a", "a-wal"):
        sides.write(name)
    job, ledger = sides.job(b"a", b"a-wal"), Ledger()
    ledger.note(b"a-wal", PathState.FAILED, "disk on fire")
    leave_out_sets(job, ledger, [b"a-wal"])
    assert ledger.copies[b"a"].state is PathState.CHANGED
    assert ledger.copies[b"a"].why.endswith("cannot be copied: disk on fire")


def test_a_large_set_is_gone_through_once(sides: Sides) -> None:
    """A database directory can have a hundred thousand files, and each of them can have changed."""
    for number in range(300):
        sides.write(f"var/lib/mysql/{number}")
    paths = tuple(b"var/lib/mysql/%d" % number for number in range(300))
    job, ledger = sides.job(*paths), Counting()
    for path in paths[1:]:
        (sides.clone / os.fsdecode(path)).write_text("mine")
    assert leave_out_changed(job, ledger, paths) == ()
    for path in paths:  # as it is asked for what fails in its turn
        leave_out_sets(job, ledger, [path])
    assert ledger.copies[paths[0]].state is PathState.CHANGED
    assert ledger.copies[paths[1]] == CHANGED
    assert ledger.notes <= 5 * len(paths)


class Counting(Ledger):
    """A ledger that counts what it is told."""

    notes = 0

    def note(
        self,
        path: bytes,
        state: PathState,
        why: str = "",
        put: Entry | None = None,
        attributes: frozenset[bytes] | None = None,
    ) -> None:
        self.notes += 1
        super().note(path, state, why, put, attributes)


def test_what_has_a_note_is_not_looked_at_again(sides: Sides) -> None:
    sides.write("x")
    job, ledger = sides.job(b"x"), Ledger()
    ledger.note(b"x", PathState.COPIED)
    (sides.clone / "x").unlink()
    assert leave_out_changed(job, ledger, (b"x",)) == ()
    assert ledger.copies == {b"x": Note(PathState.COPIED)}


def test_what_cannot_be_looked_at_on_the_clone_has_failed(sides: Sides) -> None:
    job, ledger, path = sides.job(), Ledger(), b"n" * 300
    plan = replace(job.plan, copies={path: new(file(path))})
    assert leave_out_changed(replace(job, plan=plan), ledger, (path,)) == ()
    assert ledger.copies == {path: Note(PathState.FAILED, "File name too long")}


def test_what_has_vanished_on_the_booted_system_is_left_to_rsync(sides: Sides) -> None:
    for name in ("x", "y"):
        sides.write(name)
    job, ledger = sides.job(b"x", b"y"), Ledger()
    (sides.booted / "x").unlink()
    assert leave_out_unreadable(job, ledger, (b"x", b"y")) == (b"x", b"y")
    assert ledger.copies == {}


def test_what_cannot_be_looked_at_is_left_out_with_its_set(sides: Sides) -> None:
    """A link to itself stands for what cannot be read: root can read nearly everything."""
    for name in ("d/a", "d/a-wal", "b"):
        sides.write(name)
    paths = (b"b", b"d/a", b"d/a-wal")
    job, ledger = sides.job(*paths), Ledger()
    for side in (sides.booted, sides.clone):
        shutil.rmtree(side / "d")
        (side / "d").symlink_to("d")
    assert leave_out_unreadable(job, ledger, paths) == (b"b",)
    assert ledger.copies[b"d/a"].state is PathState.FAILED
    assert ledger.copies[b"d/a"].why.startswith("its attributes cannot be read: Too many levels")
