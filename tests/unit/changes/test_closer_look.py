"""The closer look at real files: contents, attributes, hard links, and what is excluded."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from unit.entries import PAIR, in_step, inventory, seen, trees

from drdwrap.changes import closer_look
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.closer_look import look_closer
from drdwrap.changes.compare import Comparison
from drdwrap.changes.difference import Difference
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.beyond_lstat import hidden_difference
from drdwrap.inventory.entry import entry_at
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.patterns import PatternList

NOTHING = Difference({}, {}, {})


class Sides:
    """Two small trees, made alike: a test changes one of them."""

    def __init__(self, place: Path) -> None:
        self.trees: Trees = trees(place)
        self.booted, self.clone = place / "booted", place / "clone"

    def write(self, path: str, text: str = "same") -> None:
        for side in (self.booted, self.clone):
            (side / path).parent.mkdir(parents=True, exist_ok=True)
            (side / path).write_text(text)
            os.utime(side / path, (100, 100))

    def candidate(self, path: bytes) -> Candidate:
        """A path that neither side's record is like."""
        here, there = (entry_at(side.root, path) for side in (self.trees.booted, self.trees.clone))
        return Candidate(path, here, None, there, None)

    def look(
        self,
        *candidates: Candidate,
        own: Iterable[bytes] = (),
        linked: Iterable[bytes] | None = (),
        excluded: Iterable[str] = (),
        locations: Iterable[str] = (),
    ) -> Comparison:
        """The closer look, where the scans have seen all that is `linked` (None: nothing that
        differs has several names)."""
        groups = [
            LinkGroups(inventory(*(e for p in linked if (e := entry_at(side.root, p)))), PAIR)
            for side in (self.trees.booted, self.trees.clone)
            if linked is not None
        ]
        by_path = {candidate.path: candidate for candidate in candidates}
        comparison = Comparison(NOTHING, NOTHING, by_path, frozenset(own), frozenset(), *groups)
        return look_closer(
            comparison,
            PatternList.of(map(str.encode, excluded)),
            PatternList.of(map(str.encode, locations)),
            self.trees,
        )

    def hidden(
        self, path: bytes, linked: Iterable[bytes] | None = (), locations: Iterable[str] = ()
    ) -> str | None:
        found = self.look(self.candidate(path), linked=linked, locations=locations)
        return found.candidates[path].hidden


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def test_what_is_alike_hides_nothing(sides: Sides) -> None:
    sides.write("a")
    assert sides.hidden(b"a") == ""


def test_contents_and_attributes_are_looked_at(sides: Sides) -> None:
    sides.write("a")
    (sides.clone / "a").write_text("othr")
    os.utime(sides.clone / "a", (100, 100))
    assert sides.hidden(b"a") == "contents"
    sides.write("b")
    os.setxattr(sides.booted / "b", "user.note", b"1")
    assert sides.hidden(b"b") == "attributes"


def test_what_differs_to_the_eye_or_lacks_on_one_side_is_not_looked_at(sides: Sides) -> None:
    sides.write("a")
    sides.write("b")
    (sides.clone / "a").chmod(0o600)
    (sides.clone / "b").unlink()
    assert sides.hidden(b"a") is None
    assert sides.hidden(b"b") is None


def test_in_a_location_nothing_is_read(sides: Sides) -> None:
    sides.write("tmp/a")
    (sides.clone / "tmp/a").write_text("othr")
    os.utime(sides.clone / "tmp/a", (100, 100))
    assert sides.hidden(b"tmp/a") == "contents"
    assert sides.hidden(b"tmp/a", locations=["/tmp/*"]) is None


def test_in_a_location_the_names_of_a_file_count_as_the_scan_has_them(sides: Sides) -> None:
    sides.write("tmp/a")
    os.link(sides.booted / "tmp/a", sides.booted / "tmp/b")
    linked = [b"tmp/a", b"tmp/b"]
    assert sides.hidden(b"tmp/a", linked, locations=["/tmp/*"]) == "hard links"
    os.link(sides.clone / "tmp/a", sides.clone / "tmp/b")
    assert sides.hidden(b"tmp/a", linked, locations=["/tmp/*"]) is None


def test_in_a_location_a_name_that_one_side_lacks_differs_by_itself(sides: Sides) -> None:
    sides.write("tmp/a")
    sides.write("tmp/c")
    os.link(sides.booted / "tmp/a", sides.booted / "tmp/b")
    os.link(sides.clone / "tmp/c", sides.clone / "tmp/d")
    linked = [b"tmp/a", b"tmp/b", b"tmp/c", b"tmp/d"]
    assert sides.hidden(b"tmp/b", linked, locations=["/tmp/*"]) is None
    assert sides.hidden(b"tmp/d", linked, locations=["/tmp/*"]) is None


def test_where_nothing_has_several_names_no_names_are_compared(sides: Sides) -> None:
    sides.write("d/a")
    assert sides.hidden(b"d/a", None) == ""
    assert sides.hidden(b"d", None) == ""
    assert sides.hidden(b"d/a", None, locations=["/d"]) is None


def test_what_cannot_be_read_is_not_taken_for_alike(sides: Sides) -> None:
    sides.write("a")
    gone = sides.candidate(b"a")
    (sides.clone / "a").unlink()
    found = sides.look(gone).candidates[b"a"]
    assert found.hidden == "unreadable: No such file or directory"


def test_a_file_with_several_names_is_read_once(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [b"%d" % number for number in range(5)]
    sides.write("0")
    sides.write("alone")
    for side in (sides.booted, sides.clone):
        for name in names[1:]:
            os.link(side / "0", side / os.fsdecode(name))
    os.setxattr(sides.booted / "3", "user.note", b"1")
    looked: list[bytes] = []

    def look(booted: bytes, clone: bytes) -> str:
        looked.append(booted)
        return hidden_difference(booted, clone)

    monkeypatch.setattr(closer_look, "hidden_difference", look)
    candidates = [sides.candidate(path) for path in (*names, b"alone")]
    found = sides.look(*candidates, linked=names).candidates
    assert [found[name].hidden for name in names] == ["attributes"] * 5
    assert found[b"alone"].hidden == ""
    assert len(looked) == 2


def test_a_file_linked_to_another_name_differs(sides: Sides) -> None:
    for name in ("a", "b"):
        sides.write(name)
    os.remove(sides.booted / "b")
    os.link(sides.booted / "a", sides.booted / "b")
    os.utime(sides.booted / "a", (100, 100))
    names = [b"a", b"b"]
    assert sides.hidden(b"a", names) == "hard links"
    both = sides.look(sides.candidate(b"a"), sides.candidate(b"b"), linked=names)
    assert both.candidates[b"a"].hidden == both.candidates[b"b"].hidden == "hard links"
    os.remove(sides.clone / "b")
    os.link(sides.clone / "a", sides.clone / "b")
    assert sides.hidden(b"a", names) == ""
    os.remove(sides.booted / "b")
    assert sides.hidden(b"a", names) == "hard links"


def test_a_name_that_only_one_side_has_says_nothing_about_the_others(sides: Sides) -> None:
    sides.write("a")
    os.link(sides.booted / "a", sides.booted / "b")
    os.link(sides.clone / "a", sides.clone / "mine")
    found = sides.look(
        sides.candidate(b"a"),
        sides.candidate(b"b"),
        own=[b"mine"],
        linked=[b"a", b"b", b"mine"],
    )
    assert found.candidates[b"a"].hidden == ""
    erased = sides.candidate(b"mine")
    found = sides.look(
        sides.candidate(b"a"), sides.candidate(b"b"), erased, linked=[b"a", b"b", b"mine"]
    )
    assert found.candidates[b"a"].hidden == ""
    found = sides.look(sides.candidate(b"a"), own=[b"mine"], linked=[b"a", b"b", b"mine"])
    assert found.candidates[b"a"].hidden == "hard links"  # b is in step, and linked elsewhere


def test_directories_have_no_names_to_compare(sides: Sides) -> None:
    sides.write("d/a")
    (sides.booted / "d/e").mkdir()
    assert sides.hidden(b"d") == ""


def test_what_is_excluded_counts_in_a_directory_that_may_have_to_go(sides: Sides) -> None:
    sides.write("d/cache/x")
    sides.write("d/a")
    (sides.clone / "e").mkdir()
    (sides.clone / "e/cache").touch()
    there = seen(sides.trees.clone.root, b"d")
    other = seen(sides.trees.clone.root, b"e")
    gone = Candidate(b"d", None, there, there, there)
    link = other._replace(type=b"l")
    replaced = Candidate(b"e", link, other, other, other)
    found = sides.look(gone, replaced, own=[b"x"], excluded=["cache"])
    assert found.own == {b"x", b"d/cache", b"e/cache"}
    assert sides.look(in_step(there), excluded=["cache"]).own == set()
    assert sides.look(gone).own == set()


def test_a_directory_of_the_clone_that_is_gone_meanwhile_holds_nothing(sides: Sides) -> None:
    sides.write("d/cache")
    there = seen(sides.trees.clone.root, b"d")
    os.remove(sides.clone / "d/cache")
    os.rmdir(sides.clone / "d")
    found = sides.look(Candidate(b"d", None, there, there, there), excluded=["cache"])
    assert found.own == set()
