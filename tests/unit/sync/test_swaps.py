"""Which directories were swapped while rsync was reading through them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.entries import directory, file, seen, symlink
from unit.sync.jobs import Sides

from drdwrap.inventory.entry import Entry
from drdwrap.sync.swaps import NO_SWAPS, Swaps, swapped_directories

STEADY = NO_SWAPS


def swapped(*directories: bytes) -> Swaps:
    return Swaps(frozenset(directories), frozenset())


def unsteady(*directories: bytes) -> Swaps:
    return Swaps(frozenset(), frozenset(directories))


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    found = Sides(tmp_path)
    found.write("d/e/x")
    return found


class Read:
    """Directories of the booted system that the scan has seen, and that rsync reads through."""

    def __init__(self, sides: Sides, *directories: bytes) -> None:
        self.sides = sides
        root = sides.trees.booted.root
        self.before = {path: seen(root, path) for path in directories}

    def swaps(self) -> Swaps:
        return swapped_directories(self.before, self.before, self.sides.trees)


@pytest.fixture
def read(sides: Sides) -> Read:
    return Read(sides, b"d", b"d/e")


def test_a_directory_that_is_as_it_was_is_steady(read: Read) -> None:
    assert read.swaps() == STEADY


def test_so_is_one_in_which_something_was_made_or_removed(read: Read) -> None:
    (read.sides.booted / "d/e/x").unlink()
    (read.sides.booted / "d/new").touch()
    assert read.swaps() == STEADY


def test_what_is_gone_altogether_was_not_swapped(read: Read) -> None:
    (read.sides.booted / "d").rename(read.sides.booted / "elsewhere")
    assert read.swaps() == STEADY


@pytest.mark.parametrize("what", ["link", "file"])
def test_what_is_no_directory_any_more_was_swapped(read: Read, what: str) -> None:
    (read.sides.booted / "d/e").rename(read.sides.booted / "elsewhere")
    if what == "link":
        (read.sides.booted / "d/e").symlink_to("../elsewhere")
    else:
        (read.sides.booted / "d/e").touch()
    assert read.swaps().swapped == {b"d/e"}


def test_another_directory_may_have_been_swapped_and_put_back(read: Read) -> None:
    (read.sides.booted / "d/e").rename(read.sides.booted / "elsewhere")
    (read.sides.booted / "d/e").mkdir()
    assert read.swaps() == unsteady(b"d/e")


def test_so_may_one_that_was_moved(read: Read) -> None:
    """It came back: its change time moved, its modification time did not."""
    (read.sides.booted / "d/e").rename(read.sides.booted / "d/f")
    (read.sides.booted / "d/f").rename(read.sides.booted / "d/e")
    assert read.swaps() == unsteady(b"d/e")


def test_so_may_one_that_the_scan_has_not_seen(sides: Sides) -> None:
    trees = sides.trees
    assert swapped_directories([b"d"], {}, trees) == unsteady(b"d")
    assert swapped_directories([b"d"], {b"d": file(b"d")}, trees) == unsteady(b"d")
    assert swapped_directories([b"d"], {b"d": symlink(b"d")}, trees) == unsteady(b"d")


@pytest.mark.parametrize(
    ("change", "steady"),
    [
        ({}, True),
        ({"ctime": b"50.0"}, False),
        ({"ctime": b"50.0", "mtime": b"50.0"}, True),
        ({"inode": b"1"}, False),
        ({"inode": b"1", "ctime": b"50.0", "mtime": b"50.0"}, False),
        ({"links": 9}, True),
    ],
)
def test_a_new_entry_moves_both_times_of_a_directory_and_a_rename_of_it_only_one(
    sides: Sides, change: dict[str, object], steady: bool
) -> None:
    then: Entry = seen(sides.trees.booted.root, b"d")._replace(**change)  # type: ignore[arg-type]
    found = swapped_directories([b"d"], {b"d": then}, sides.trees)
    assert found == (STEADY if steady else unsteady(b"d"))


def test_what_cannot_be_looked_at_is_no_swap(sides: Sides) -> None:
    name = b"n" * 300
    assert swapped_directories([name], {name: directory(name)}, sides.trees) == STEADY


def test_a_swap_concerns_everything_below_it_and_nothing_beside_it() -> None:
    found = swapped(b"d/e")
    assert found.above(b"d/e/x")
    assert found.above(b"d/e/f/x")
    assert not found.above(b"d/e")
    assert not found.above(b"d/x")
    assert not found.above(b"d/ee/x")
    assert not found.maybe_above(b"d/e/x")
    assert unsteady(b"d/e").maybe_above(b"d/e/f/x")
    assert not unsteady(b"d/e").maybe_above(b"d/x")
    assert not unsteady(b"d/e").above(b"d/e/x")
    assert not NO_SWAPS.above(b"d/e/x")
    assert not NO_SWAPS.maybe_above(b"d/e/x")


def test_a_link_to_a_swapped_directory_is_looked_at_itself(read: Read) -> None:
    """The one that was swapped is told, not what is reached through it."""
    (read.sides.booted / "d").rename(read.sides.booted / "elsewhere")
    os.symlink("elsewhere", read.sides.booted / "d")
    found = read.swaps()
    assert found.swapped == {b"d"}
    assert found.above(b"d/e/x")
