"""The last check before the clone is changed, on real trees that change at that moment."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest
from unit.sync.jobs import Sides

from drdwrap.sync.guard import Reached, leave_out_changed
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.removal import remove


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


def test_directories_that_are_to_be_made_lead_to_what_is_to_be_copied(sides: Sides) -> None:
    (sides.booted / "d/e").mkdir(parents=True)
    (sides.booted / "f").touch()
    (sides.booted / "g").mkdir()
    job, ledger = sides.job(b"d", b"d/e", b"f"), Ledger()
    reached = Reached(job, ledger)
    assert reached.by_directories(b"d/e")
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
        assert ledger.all(PathState.CHANGED) == ledger.all(PathState.FAILED) == {}


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
    why = "changed on the clone meanwhile"
    assert ledger.all(PathState.CHANGED) == dict.fromkeys(paths[:3], why)


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
    assert ledger.all(PathState.CHANGED)[b"d/new"] == "its directory changed on the clone meanwhile"


def test_a_directory_may_have_other_times_and_no_other_attributes(sides: Sides) -> None:
    sides.write("d/x")
    job, ledger = sides.job(b"d"), Ledger()
    os.utime(sides.clone / "d", (5, 5))
    assert leave_out_changed(job, ledger, (b"d",)) == (b"d",)
    os.setxattr(sides.clone / "d", "user.note", b"1")
    assert leave_out_changed(job, ledger, (b"d",)) == ()


def test_a_file_may_have_fewer_names_and_not_more(sides: Sides) -> None:
    for name in ("x", "y"):
        sides.write(name)
        os.link(sides.clone / name, sides.clone / f"{name}-1")
    job, ledger = sides.job(b"x", b"y"), Ledger()
    (sides.clone / "x-1").unlink()
    os.link(sides.clone / "y", sides.clone / "y-2")
    assert leave_out_changed(job, ledger, (b"x", b"y")) == (b"x",)


def test_what_was_cleared_away_must_still_be_away(sides: Sides) -> None:
    sides.write("x")
    job, ledger = sides.job(b"x"), Ledger()
    ledger.note(b"x", PathState.CLEARED)
    (sides.clone / "x").unlink()
    assert leave_out_changed(job, ledger, (b"x",)) == (b"x",)
    (sides.clone / "x").touch()
    assert leave_out_changed(job, ledger, (b"x",)) == ()


def test_a_set_is_left_out_whole_unless_some_of_it_is_on_its_way(sides: Sides) -> None:
    paths = (b"a", b"a-journal", b"a-shm", b"a-wal", b"b")
    for path in paths:
        sides.write(os.fsdecode(path))
    job, ledger = sides.job(*paths), Ledger()
    ledger.note(b"a-journal", PathState.HANDED_OVER)
    ledger.note(b"a-shm", PathState.CLEARED)
    (sides.clone / "a-wal").write_text("mine")
    (sides.clone / "a-shm").unlink()
    assert leave_out_changed(job, ledger, paths) == (b"a-journal", b"a-shm", b"b")
    assert ledger.all(PathState.CHANGED)[b"a"] == (
        "kept together with /a-wal, which was left alone: changed on the clone meanwhile"
    )


def test_what_was_left_out_once_is_not_looked_at_again(sides: Sides) -> None:
    sides.write("x")
    job, ledger = sides.job(b"x"), Ledger()
    ledger.note(b"x", PathState.FAILED, "first")
    assert leave_out_changed(job, ledger, (b"x",)) == ()
    assert ledger.all(PathState.CHANGED) == {}


def test_what_is_as_planned_is_removed_and_a_directory_once_it_is_empty(sides: Sides) -> None:
    sides.write("d/x")
    shutil.rmtree(sides.booted / "d")
    job = sides.job(removed=[b"d/x", b"d"])
    done = remove(job.plan.deletions, job, still_erased=True)
    assert (done.gone, done.left, done.failed) == ({b"d/x", b"d"}, {}, {})
    assert not (sides.clone / "d").exists()
    again = remove(job.plan.deletions, job, still_erased=True)
    assert again.gone == {b"d/x", b"d"}


def test_what_is_not_as_planned_stays(sides: Sides) -> None:
    for name in ("back", "changed", "d/below"):
        sides.write(name)
    (sides.booted / "changed").unlink()
    shutil.rmtree(sides.booted / "d")
    paths = [b"d/below", b"changed", b"back"]
    job = sides.job(removed=paths)
    (sides.clone / "changed").write_text("mine")
    (sides.clone / "d").rename(sides.clone / "e")
    (sides.clone / "d").symlink_to("e")
    done = remove(job.plan.deletions, job, still_erased=True)
    assert done.gone == set()
    assert done.left == {
        b"d/below": "it is no longer below a directory",
        b"changed": "changed on the clone meanwhile",
        b"back": "it is back on the booted system",
    }
    assert remove(job.plan.deletions, job, still_erased=False).gone == {b"back"}


def test_a_directory_that_is_not_empty_is_not_removed_and_that_is_said(sides: Sides) -> None:
    sides.write("d/x")
    shutil.rmtree(sides.booted / "d")
    job = sides.job(removed=[b"d"])
    done = remove(job.plan.deletions, job, still_erased=True)
    assert (done.gone, done.left) == (set(), {})
    assert done.failed == {b"d": "Directory not empty"}
