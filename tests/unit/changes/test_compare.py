"""From two scans and the record to the candidates: all that is not plainly in step."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.entries import (
    OLD,
    PAIR,
    YOUNG,
    changed,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_on_both,
    file,
    inventory,
    names,
    new,
    seen,
    stored,
    trees,
)

from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.compare import Comparison, compare, moves_along
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.inventory.scan import Inventory
from drdwrap.pair.private_trees import Trees
from drdwrap.pair.side import Side
from drdwrap.paths.patterns import PatternList
from drdwrap.record.intent import Attributes, Intent, Move
from drdwrap.record.store import Header, Record

NOWHERE = Trees(Side(b"/nowhere"), Side(b"/nowhere"), False, (b"/nowhere", b"/nowhere"))
HEADER = Header("id", 1, "booted", "clone")
ROOT = directory(b"")


def record(booted: Iterable[Entry], clone: Iterable[Entry] | None = None) -> Record:
    here = [ROOT, *booted]
    there = here if clone is None else [ROOT, *clone]
    return Record(HEADER, stored(here), stored(there), len(here))


def scanned(*entries: Entry, unreadable: tuple[bytes, ...] = ()) -> Inventory:
    return inventory(ROOT, *entries, unreadable=unreadable)


def compared(
    booted: Inventory,
    clone: Inventory,
    known: Record | None,
    intent: Intent | None = None,
    *,
    excluded: Iterable[str] = (),
    locations: Iterable[str] = (),
    where: Trees = NOWHERE,
) -> Comparison:
    patterns = PatternList.of(map(str.encode, excluded)), PatternList.of(map(str.encode, locations))
    return compare(booted, clone, known, intent, *patterns, where, PAIR)


A, B, C = (file(path) for path in (b"a", b"b", b"c"))


def test_what_is_as_the_record_has_it_is_no_candidate() -> None:
    found = compared(scanned(A, B), scanned(A, B), record([A, B]))
    assert found.candidates == {}
    assert found.own == found.unknown == frozenset()
    assert found.booted_links is found.clone_links is None


@pytest.mark.parametrize(
    "candidate",
    [
        changed(A),
        changed_on_clone(A),
        new(A),
        erased(A),
        erased_on_both(A),
        Candidate(b"a", edited(A), A, None, A),
    ],
)
def test_a_candidate_has_both_sides_now_and_as_recorded(candidate: Candidate) -> None:
    booted, clone = ([e] if e else [] for e in (candidate.booted, candidate.clone))
    then = [A] if candidate.booted_then else []
    found = compared(scanned(B, *booted), scanned(B, *clone), record([B, *then]))
    assert found.candidates == {b"a": candidate}


def test_each_side_is_compared_with_its_own_part_of_the_record() -> None:
    there = A._replace(inode=b"6", ctime=b"90.0")
    found = compared(scanned(edited(A)), scanned(there), record([A], [there]))
    assert found.candidates == {b"a": Candidate(b"a", edited(A), A, there, there)}


def test_what_only_the_clone_has_is_its_own() -> None:
    found = compared(scanned(A), scanned(A, B), record([A]))
    assert found.candidates == {}
    assert found.own == {b"b"}
    found = compared(scanned(A, B), scanned(A, B), record([A]))
    assert found.own == frozenset()
    assert found.candidates == {b"b": Candidate(b"b", B, None, B, None)}


def test_nothing_is_known_of_what_is_excluded_or_was_not_read() -> None:
    found = compared(scanned(), scanned(), record([A, B]), excluded=["/a"])
    assert found.unknown == {b"a"}
    assert found.candidates.keys() == {b"b"}
    d, x = directory(b"d"), file(b"d/x")
    for booted, clone in (
        (scanned(d, unreadable=(b"d",)), scanned(d, x)),
        (scanned(d, x), scanned(d, unreadable=(b"d",))),
    ):
        found = compared(booted, clone, record([d, x, A]))
        assert found.unknown == {b"d/x"}
        assert found.candidates.keys() == {b"a"}


def test_the_names_of_linked_files_are_known_where_one_of_them_differs() -> None:
    linked = names([b"x", b"y"])
    found = compared(scanned(*linked, edited(A)), scanned(*linked, A), record([*linked, A]))
    assert found.booted_links is found.clone_links is None
    broken = [entry._replace(links=3) for entry in linked]
    found = compared(scanned(*broken), scanned(*linked), record(linked))
    assert found.booted_links is not None
    assert found.clone_links is not None
    assert sorted(found.clone_links.names(b"x")) == [b"x", b"y"]


@pytest.fixture
def moved(tmp_path: Path) -> tuple[Trees, Entry]:
    """What a killed run has moved to `a` on the clone."""
    both = trees(tmp_path)
    (tmp_path / "clone/a").write_text("new")
    return both, seen(both.clone.root, b"a")


def cut_off(moved: Entry) -> Intent:
    return Intent.of(HEADER, "sync", moves=[Move(moved, frozenset(), None)])


def test_what_a_killed_run_left_is_recorded_as_put_and_the_booted_side_as_never_seen(
    moved: tuple[Trees, Entry],
) -> None:
    where, now = moved
    here = now._replace(inode=b"1")
    expected = {b"a": Candidate(b"a", here, never_seen(now), now, now)}
    for before in ([A], []):
        booted, clone = scanned(here, B), scanned(now, B)
        found = compared(booted, clone, record([*before, B]), cut_off(now), where=where)
        assert found.candidates == expected
        assert found.own == frozenset()


def test_what_it_left_and_the_booted_system_has_no_more_is_not_the_clones_own(
    moved: tuple[Trees, Entry],
) -> None:
    where, now = moved
    found = compared(scanned(B), scanned(B, now), record([B]), cut_off(now), where=where)
    assert found.own == frozenset()
    assert found.candidates == {b"a": Candidate(b"a", None, never_seen(now), now, now)}


def test_what_it_only_touched_is_as_the_record_has_it(tmp_path: Path) -> None:
    where = trees(tmp_path)
    (tmp_path / "clone/d").mkdir()
    then = seen(where.clone.root, b"d")
    now = then._replace(ctime=b"900.0")
    intent = Intent.of(HEADER, "sync", touched={b"d": Attributes(frozenset())})
    found = compared(scanned(then), scanned(now), record([then]), intent, where=where)
    assert found.candidates == {b"d": Candidate(b"d", then, then, now, now)}


class Twins:
    """Two trees of one file each, alike to the byte, and no record of them."""

    def __init__(self, place: Path) -> None:
        self.trees = trees(place)
        for side in (self.trees.booted, self.trees.clone):
            path = Path(os.fsdecode(side.root)) / "a"
            path.write_text("same")
            os.utime(path, (100, 100))

    def compared(self, *, ctime: bytes = OLD, locations: Iterable[str] = ()) -> Comparison:
        here, there = (entry_at(side.root, b"a") for side in (self.trees.booted, self.trees.clone))
        assert here is not None
        assert there is not None
        booted = scanned(here._replace(ctime=ctime), B)
        return compared(booted, scanned(there), None, locations=locations, where=self.trees)


@pytest.fixture
def twins(tmp_path: Path) -> Twins:
    return Twins(tmp_path)


def test_without_a_record_what_is_alike_in_every_way_is_no_candidate(twins: Twins) -> None:
    assert b"a" not in twins.compared().candidates
    assert b"b" in twins.compared().candidates


def test_without_a_record_contents_and_settled_times_decide(twins: Twins) -> None:
    assert b"a" in twins.compared(ctime=YOUNG).candidates
    assert b"a" in twins.compared(locations=["/a"]).candidates
    path = Path(os.fsdecode(twins.trees.clone.root)) / "a"
    path.write_text("othr")
    os.utime(path, (100, 100))
    assert b"a" in twins.compared().candidates


def test_without_a_record_what_cannot_be_read_or_has_several_names_is_a_candidate(
    twins: Twins,
) -> None:
    root = Path(os.fsdecode(twins.trees.booted.root))
    os.link(root / "a", root / "c")
    assert b"a" in twins.compared().candidates
    found = compared(scanned(A), scanned(A), None)  # there is no such file
    assert b"a" in found.candidates


def test_what_moves_along_are_directories_other_names_and_the_volumes_roots() -> None:
    moved = moves_along([b"a/x", b"b", b"a/y"], [b"c/other"], (b"", b"var"))
    assert moved == {b"a", b"", b"c/other", b"var"}
