"""Whether there is room on the clone: what a copy needs, counted on real files."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest
from unit.entries import PAIR, trees

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import entry_at
from drdwrap.plan import Phase, Plan, Transfer
from drdwrap.sync import space
from drdwrap.sync.space import (
    Room,
    _Pieces,
    allocated,
    choose,
    complaint,
    left_out_because,
    on_clone,
    tight_rooms,
)
from drdwrap.sync.what_fits import Amount, Piece, Shortage

ROOM = Room(b"", 100, 0, 100, 10, 0, 10)
HUGE = 1 << 60
"""More bytes than any file system here has: so all is counted exactly."""


@pytest.mark.parametrize(
    ("change", "enough", "after_deletions"),
    [
        ({}, True, True),
        ({"needed": 101}, False, False),
        ({"needed": 101, "freed": 1}, False, True),
        ({"needed": 102, "freed": 1}, False, False),
        ({"inodes_needed": 11}, False, False),
        ({"inodes_needed": 11, "inodes_freed": 1}, False, True),
        ({"inodes_needed": 12, "inodes_freed": 1}, False, False),
        ({"needed": 101, "inodes_freed": 5}, False, False),
        ({"inodes_needed": 11, "freed": 5}, False, False),
    ],
)
def test_bytes_and_inodes_have_to_be_enough(
    change: dict[str, int], enough: bool, after_deletions: bool
) -> None:
    room = replace(ROOM, **change)  # type: ignore[arg-type]
    assert room.enough is enough
    assert room.enough_after_deletions is after_deletions


def test_a_complaint_names_the_file_system_and_what_is_missing() -> None:
    room = Room(b"var", 2_500_000, 0, 1_200_000, 1, 0, 9)
    assert complaint(room) == ("the clone's /var has 1.2 MB free, and up to 2.5 MB are needed")
    assert complaint(replace(ROOM, inodes_needed=11)) == (
        "the clone's / has 10 free inodes of 11 needed"
    )


def test_the_check_holds_if_there_is_room_once_the_deletions_are_done() -> None:
    tight = replace(ROOM, needed=101, freed=1)
    assert on_clone([]).ok
    assert on_clone([ROOM, tight]).ok
    failed = on_clone(
        [ROOM, replace(ROOM, needed=101), replace(ROOM, volume=b"var", inodes_needed=11)]
    )
    assert not failed.ok
    assert failed.remedy == "make room on the clone"
    assert failed.found == "; ".join(
        complaint(room)
        for room in (
            replace(ROOM, needed=101),
            replace(ROOM, volume=b"var", inodes_needed=11),
        )
    )


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

    def plan(self, *transfers: tuple[bytes, ...], deleted: tuple[bytes, ...] = ()) -> Plan:
        """These paths are copied, by one run of rsync a tuple."""
        copies = {path: self.candidate(path) for paths in transfers for path in paths}
        runs = tuple(
            Transfer(PAIR.volume_of(paths[0]), Phase.LARGE, paths, frozenset())
            for paths in transfers
        )
        deletions = tuple(self.candidate(path) for path in deleted)
        return Plan(copies, runs, {}, (), {}, deletions)

    def rooms(
        self, *transfers: tuple[bytes, ...], deleted: tuple[bytes, ...] = ()
    ) -> dict[bytes, Room]:
        plan = self.plan(*transfers, deleted=deleted)
        return {room.volume: room for room in tight_rooms(plan, self.trees, PAIR)}


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_where_there_is_plenty_of_room_nothing_is_counted(sides: Sides) -> None:
    sides.write(sides.booted / "a", 4)
    plan = sides.plan((b"a",))
    assert tight_rooms(plan, sides.trees, PAIR) != []
    here = plan.copies[b"a"].booted
    assert here is not None
    small = {b"a": replace(plan.copies[b"a"], booted=here._replace(size=4096))}
    assert tight_rooms(replace(plan, copies=small), sides.trees, PAIR) == []


def test_new_files_need_what_they_take_on_the_disk_and_an_inode(sides: Sides) -> None:
    size = sides.write(sides.booted / "a", 40) + sides.write(sides.booted / "b", 100)
    rooms = sides.rooms((b"a", b"b"))
    assert (rooms[b""].needed, rooms[b""].inodes_needed) == (size, 2)
    assert (rooms[b"var"].needed, rooms[b"var"].inodes_needed) == (0, 0)


def test_each_file_system_needs_what_lies_on_it(sides: Sides) -> None:
    sides.write(sides.booted / "a", 40)
    size = sides.write(sides.booted / "var/b", 100)
    gone = sides.write(sides.clone / "var/c", 12)
    room = sides.rooms((b"a",), (b"var/b",), deleted=(b"var/c",))[b"var"]
    assert (room.needed, room.inodes_needed) == (size, 1)
    assert (room.freed, room.inodes_freed) == (gone, 1)
    assert room.free == pytest.approx(_free(sides.clone / "var"), rel=0.1)
    status = os.statvfs(sides.clone)  # btrfs has no fixed number of inodes, and says 0 of 0
    inodes_free = status.f_ffree if status.f_files else 1 << 62
    assert room.inodes_free == pytest.approx(inodes_free, rel=0.1)


def _free(path: Path) -> int:
    status = os.statvfs(path)
    return (status.f_bfree if os.geteuid() == 0 else status.f_bavail) * status.f_frsize


def test_a_file_that_grows_needs_what_it_grows_by_and_an_inode_beside_the_old_one(
    sides: Sides,
) -> None:
    new, old = sides.write(sides.booted / "a", 100), sides.write(sides.clone / "a", 40)
    room = sides.rooms((b"a",))[b""]
    assert (room.needed, room.inodes_needed) == (new - old + old, 1)


def test_what_one_run_of_rsync_replaces_is_there_twice_at_a_time(sides: Sides) -> None:
    sizes = {}
    for name, kilobytes in (("a", 40), ("b", 100), ("c", 60)):
        sizes[name] = sides.write(sides.booted / name, kilobytes)
        sides.write(sides.clone / name, kilobytes)
    all_at_once = sides.rooms((b"a", b"b", b"c"))[b""]
    assert all_at_once.needed == sum(sizes.values())
    one_by_one = sides.rooms((b"a",), (b"b",), (b"c",))[b""]
    assert one_by_one.needed == max(sizes.values())
    assert (all_at_once.inodes_needed, one_by_one.inodes_needed) == (3, 1)


def test_a_file_that_shrinks_is_there_twice_as_what_it_will_be(sides: Sides) -> None:
    size = sides.write(sides.booted / "a", 40)
    sides.write(sides.clone / "a", 400)
    assert sides.rooms((b"a",))[b""].needed == size


def test_what_is_set_in_place_needs_nothing(sides: Sides) -> None:
    size = sides.write(sides.booted / "a", 40)
    sides.write(sides.booted / "b", 100)
    plan = sides.plan((b"a",), (b"b",))
    (room, _) = tight_rooms(replace(plan, transfers=plan.transfers[:1]), sides.trees, PAIR)
    assert (room.needed, room.inodes_needed) == (size, 1)


def test_a_file_of_several_names_is_one_file(sides: Sides) -> None:
    size = sides.write(sides.booted / "a", 40)
    for name in ("b", "c"):
        os.link(sides.booted / "a", sides.booted / name)
    room = sides.rooms((b"a", b"b", b"c"))[b""]
    assert (room.needed, room.inodes_needed) == (size, 1)


def test_directories_and_links_need_an_inode_and_what_they_take(sides: Sides) -> None:
    (sides.booted / "d/e").mkdir(parents=True)
    (sides.booted / "l").symlink_to("x" * 200)
    huge = sides.write(sides.booted / "a", 4)
    paths = (b"d", b"d/e", b"l")
    size = sum((sides.booted / os.fsdecode(path)).lstat().st_blocks * 512 for path in paths)
    room = sides.rooms((b"a", *paths))[b""]
    assert (room.needed, room.inodes_needed) == (size + huge, 4)


def test_what_the_booted_system_no_longer_has_needs_nothing(sides: Sides) -> None:
    size = sides.write(sides.booted / "a", 4)
    sides.write(sides.booted / "b", 400)
    plan = sides.plan((b"a", b"b", b"c"))
    assert plan.copies[b"c"].booted is None
    os.remove(sides.booted / "b")
    (room, _) = tight_rooms(plan, sides.trees, PAIR)
    assert (room.needed, room.inodes_needed) == (size, 2)


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
    monkeypatch.setattr(space, "_free", lambda _: Amount(100 << 10, 50))
    groups = [[b"large"], [b"small"]]
    found = choose(groups, copies, sides.trees, PAIR)
    assert (found.batches, [*found.left_out]) == (((b"small",),), [b"large"])
    freed = {b"": Amount(400 << 10, 0)}
    assert choose(groups, copies, sides.trees, PAIR, freed).batches == ((b"small", b"large"),)


def test_why_something_is_left_out_names_what_helps() -> None:
    shortage = Shortage(b"var", Amount(140_100_000, 1), Amount(94_000_000, 9), Amount(10**9, 10))
    assert left_out_because(shortage) == (
        "there is no room for it: the clone's /var has 94.0 MB free, and 140.1 MB are needed; erase"
        " the clone's copy, and the next sync copies the booted one"
    )
    assert left_out_because(replace(shortage, volume=b"", free_without_old=shortage.free)) == (
        "there is no room for it: the clone's / has 94.0 MB free, and 140.1 MB are needed; make"
        " room on the clone, or exclude it"
    )
    assert "has 0 free inodes, and 1 are needed" in left_out_because(
        Shortage(b"", Amount(1, 1), Amount(5, 0), Amount(5, 0))
    )
