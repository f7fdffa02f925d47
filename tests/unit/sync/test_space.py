"""Whether there is room on the clone: what a copy needs, counted on real files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from unit.entries import PAIR, trees

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import entry_at
from drdwrap.plan import Plan
from drdwrap.sync import space
from drdwrap.sync.space import (
    _Pieces,
    allocated,
    choose,
    free,
    freed_by,
    is_tight,
    lacking,
    reasons,
)
from drdwrap.sync.what_fits import Amount, Piece, Shortage

HUGE = 1 << 60
"""More bytes than any file system here has."""


class Sides:
    """Two small trees with a directory `var`, which is a volume of the pair."""

    def __init__(self, place: Path) -> None:
        self.trees = trees(place)
        self.booted, self.clone = place / "booted", place / "clone"
        for side in (self.booted, self.clone):
            (side / "var").mkdir()

    @staticmethod
    def write(path: Path, kilobytes: int) -> int:
        """A file of that many KiB. Returns the bytes it takes on the disk."""
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.posix_fallocate(descriptor, 0, kilobytes << 10)
        os.close(descriptor)
        return path.lstat().st_blocks * 512

    def candidate(self, path: bytes) -> Candidate:
        """What both sides have, where the booted one is said to be huge."""
        booted, clone = (entry_at(s.root, path) for s in (self.trees.booted, self.trees.clone))
        if booted is not None and booted.is_file:
            booted = booted._replace(size=HUGE)
        return Candidate(path, booted, None, clone, None)

    def plan(self, *paths: bytes) -> Plan:
        """These paths are copied."""
        return Plan({path: self.candidate(path) for path in paths}, (), {}, (), {}, ())

    def pieces(self, *paths: bytes) -> list[Piece]:
        pieces = _Pieces({path: self.candidate(path) for path in paths}, self.trees, PAIR)
        return [pieces.of(path) for path in paths]


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_where_there_is_plenty_of_room_no_file_is_looked_at(sides: Sides) -> None:
    sides.write(sides.booted / "a", 4)
    plan = sides.plan(b"a")
    assert is_tight(plan, sides.trees, PAIR)
    here = plan.copies[b"a"].booted
    assert here is not None
    small = {b"a": replace(plan.copies[b"a"], booted=here._replace(size=4096))}
    assert not is_tight(replace(plan, copies=small), sides.trees, PAIR)


def test_each_volume_may_be_tight_in_bytes_or_in_inodes(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    (sides.booted / "d").mkdir()
    plan = sides.plan(b"d")
    there = {b"": Amount(1 << 20, 9), b"var": Amount(1 << 20, 9)}
    monkeypatch.setattr(
        space, "free", lambda path: there[b"var" if path.endswith(b"/var") else b""]
    )
    assert not is_tight(plan, sides.trees, PAIR)
    for volume in there:
        for little in (Amount(1 << 20, 0), Amount(1 << 10, 9)):
            there[volume], before = little, there[volume]
            assert is_tight(plan, sides.trees, PAIR)
            there[volume] = before


def test_what_is_free_on_a_file_system(tmp_path: Path) -> None:
    found, status = free(os.fsencode(tmp_path)), os.statvfs(tmp_path)
    blocks = status.f_bfree if os.geteuid() == 0 else status.f_bavail
    assert found.size <= blocks * status.f_frsize
    assert found.size == pytest.approx(blocks * status.f_frsize, rel=0.1)
    # btrfs has no fixed number of inodes, and says 0 of 0
    assert found.inodes == pytest.approx(status.f_ffree if status.f_files else 1 << 62, rel=0.1)


def test_each_file_system_gets_back_what_lay_on_it(sides: Sides) -> None:
    sizes = [sides.write(sides.clone / name, 12) for name in ("a", "var/b", "var/c")]
    sides.write(sides.clone / "linked", 12)
    os.link(sides.clone / "linked", sides.clone / "stays")
    sizes.append(sides.write(sides.clone / "all", 12))
    os.link(sides.clone / "all", sides.clone / "names")
    paths = (b"a", b"var/b", b"var/c", b"linked", b"gone", b"all", b"names")
    deleted = [sides.candidate(path) for path in paths]
    assert freed_by(deleted, sides.trees, PAIR) == {
        b"": Amount(sizes[0] + sizes[3], 2),
        b"var": Amount(sizes[1] + sizes[2], 2),
    }


def test_a_directory_that_goes_gives_back_its_inode(sides: Sides) -> None:
    (sides.clone / "d/e").mkdir(parents=True)
    size = (sides.clone / "d").lstat().st_blocks * 512
    assert freed_by([sides.candidate(b"d")], sides.trees, PAIR) == {b"": Amount(size, 1)}


def test_directories_and_links_need_an_inode_and_what_they_take(sides: Sides) -> None:
    (sides.booted / "d/e").mkdir(parents=True)
    (sides.booted / "l").symlink_to("x" * 200)
    paths = (b"d", b"d/e", b"l")
    sizes = [(sides.booted / os.fsdecode(path)).lstat().st_blocks * 512 for path in paths]
    needs = [one.needs for one in sides.pieces(*paths)]
    assert needs == [
        Amount(sizes[0] + 4096, 1),
        Amount(sizes[1] + 2 * 4096, 2),
        Amount(sizes[2] + 4096, 1),
    ]


def test_what_the_booted_system_no_longer_has_needs_nothing(sides: Sides) -> None:
    sides.write(sides.clone / "b", 400)
    (gone,) = sides.pieces(b"b")
    assert gone == Piece(b"b", b"", Amount(), Amount())


def test_a_file_with_holes_takes_less_than_its_size(tmp_path: Path) -> None:
    (tmp_path / "a").touch()
    os.truncate(tmp_path / "a", 1 << 30)
    assert allocated(os.fsencode(tmp_path / "a")) < 1 << 20
    assert allocated(os.fsencode(tmp_path / "nowhere")) == 0


def test_what_single_files_need_and_give_back(sides: Sides) -> None:
    """Each with a block around it, and each directory of the staging directory once."""
    new, old = sides.write(sides.booted / "d/a", 40), sides.write(sides.clone / "d/a", 12)
    other = sides.write(sides.booted / "d/b", 4)
    os.link(sides.booted / "d/a", sides.booted / "d/c")
    shared = sides.write(sides.clone / "d/b", 8)
    assert shared
    os.link(sides.clone / "d/b", sides.clone / "mine")
    copies = {path: sides.candidate(path) for path in (b"d/a", b"d/b", b"d/c")}
    pieces = _Pieces(copies, sides.trees, PAIR)
    assert pieces.of(b"d/a") == Piece(b"d/a", b"", Amount(new + 2 * 4096, 2), Amount(old, 1))
    assert pieces.of(b"d/b") == Piece(b"d/b", b"", Amount(other + 4096, 1))
    assert pieces.of(b"d/c") == Piece(b"d/c", b"", Amount())


def test_what_has_no_room_is_chosen_to_be_left_out(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    sides.write(sides.booted / "large", 400)
    sides.write(sides.booted / "small", 4)
    copies = {path: sides.candidate(path) for path in (b"large", b"small")}
    monkeypatch.setattr(space, "free", lambda _: Amount(100 << 10, 50))
    groups = [[b"large"], [b"small"]]
    found = choose(groups, copies, sides.trees, PAIR)
    assert (found.batches, [*found.left_out]) == (((b"small",),), [b"large"])
    freed = {b"": Amount(400 << 10, 0)}
    assert choose(groups, copies, sides.trees, PAIR, freed).batches == ((b"small", b"large"),)


SHORTAGE = Shortage(b"var", Amount(140_100_000, 1), Amount(94_000_000, 9), Amount(10**9, 10))


def test_why_something_is_left_out_names_what_helps(sides: Sides) -> None:
    sides.write(sides.clone / "var/a", 4)
    copies = {path: sides.candidate(path) for path in (b"var/a", b"var/new")}
    found = reasons({b"var/a": SHORTAGE, b"var/new": SHORTAGE}, copies)
    assert found[b"var/a"] == (
        "there is no room for it: the clone's /var has 94.0 MB free, and up to 140.1 MB are needed;"
        " erase the clone's copy, and the next sync copies the booted one"
    )
    assert found[b"var/new"].endswith("; make room on the clone, or exclude it")  # has no copy
    little = {b"var/a": replace(SHORTAGE, free_without_old=SHORTAGE.free)}
    assert reasons(little, copies)[b"var/a"].endswith("; make room on the clone, or exclude it")


def test_only_one_copy_of_each_file_system_is_to_be_erased(sides: Sides) -> None:
    """With both gone there might be room for one."""
    copies = {}
    for name in ("a", "b", "var/c"):
        sides.write(sides.clone / name, 4)
        copies[name.encode()] = sides.candidate(name.encode())
    larger = replace(SHORTAGE, volume=b"", needs=Amount(150_000_000, 1))
    short = {b"a": larger, b"b": replace(SHORTAGE, volume=b""), b"var/c": SHORTAGE}
    found = reasons(short, copies)
    assert {path for path, why in found.items() if "erase" in why} == {b"b", b"var/c"}


def test_what_is_lacking_names_bytes_and_inodes_each_where_they_are_short() -> None:
    there = Amount(5_000_000, 7)
    assert lacking(b"", Amount(1, 8), there) == (
        "the clone's / has 7 free inodes, and up to 8 are needed"
    )
    assert lacking(b"var", Amount(6_000_000, 8), there) == (
        "the clone's /var has 5.0 MB free, and up to 6.0 MB are needed; 7 free inodes, and up to 8"
        " are needed"
    )
