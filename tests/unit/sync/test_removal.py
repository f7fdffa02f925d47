"""What was erased on the booted system is removed from the clone, each only as it was planned."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from unit.sync.jobs import Sides

from drdwrap.sync.removal import remove_erased


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    sides = Sides(tmp_path)
    for side in (sides.booted, sides.clone):
        (side / "var").mkdir()  # a volume of the pair
    return sides


def test_what_was_erased_is_removed_and_a_directory_once_it_is_empty(sides: Sides) -> None:
    sides.write("d/x")
    shutil.rmtree(sides.booted / "d")
    job = sides.job(removed=[b"d/x", b"d"])
    done = remove_erased(job.plan.deletions, job)
    assert (done.gone, done.left, done.failed) == ({b"d/x", b"d"}, {}, {})
    assert not (sides.clone / "d").exists()
    assert remove_erased(job.plan.deletions, job).gone == {b"d/x", b"d"}


def test_what_is_not_as_planned_is_not_removed(sides: Sides) -> None:
    for name in ("back", "changed", "d/below"):
        sides.write(name)
    (sides.booted / "changed").unlink()
    shutil.rmtree(sides.booted / "d")
    job = sides.job(removed=[b"d/below", b"changed", b"back"])
    (sides.clone / "changed").write_text("mine")
    (sides.clone / "d").rename(sides.clone / "e")
    (sides.clone / "d").symlink_to("e")
    done = remove_erased(job.plan.deletions, job)
    assert done.gone == set()
    assert done.left == {
        b"d/below": "it is no longer below a directory",
        b"changed": "changed on the clone meanwhile",
        b"back": "it is back on the booted system",
    }
    assert (sides.clone / "e/below").read_text() == "old"


def test_a_directory_that_is_not_empty_is_not_removed_and_that_is_said(sides: Sides) -> None:
    sides.write("d/x")
    shutil.rmtree(sides.booted / "d")
    job = sides.job(removed=[b"d"])
    done = remove_erased(job.plan.deletions, job)
    assert (done.gone, done.left) == (set(), {})
    assert done.failed == {b"d": "Directory not empty"}


def test_what_changed_in_the_moment_between_is_put_back(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The administrator writes right after the last look: what comes out is looked at again."""
    sides.write("x")
    (sides.booted / "x").unlink()
    job = sides.job(removed=[b"x"])
    looked = type(job).is_as_before

    def then_changed(*arguments: Any) -> bool:
        result = looked(*arguments)
        (sides.clone / "x").write_text("mine")
        return result

    monkeypatch.setattr(type(job), "is_as_before", then_changed)
    done = remove_erased(job.plan.deletions, job)
    assert (done.gone, done.left) == (set(), {b"x": "changed on the clone meanwhile"})
    assert (sides.clone / "x").read_text() == "mine"
