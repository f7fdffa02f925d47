"""Which names are one file."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.entries import PAIR, directory, file, inventory, links

from drdwrap.changes.links import LinkComparison, LinkGroups


def test_the_names_of_a_file_are_those_with_its_inode() -> None:
    groups = links([b"a", b"d/b", b"c"], [b"x", b"y"])
    assert sorted(groups.names(b"d/b")) == [b"a", b"c", b"d/b"]
    assert sorted(groups.names(b"x")) == [b"x", b"y"]
    assert groups.file(b"a") == groups.file(b"c") != groups.file(b"x")


def test_a_path_that_is_no_name_among_several_stands_alone() -> None:
    groups = links([b"a", b"b"])
    assert list(groups.names(b"z")) == [b"z"]
    assert b"a" in groups
    assert b"z" not in groups
    with pytest.raises(KeyError):
        groups.file(b"z")


def test_inode_numbers_of_two_volumes_have_nothing_to_do_with_each_other() -> None:
    groups = LinkGroups(
        inventory(*(file(p, inode=b"12", links=2) for p in (b"a", b"b", b"var/c", b"var/d"))), PAIR
    )
    assert sorted(groups.names(b"a")) == [b"a", b"b"]
    assert sorted(groups.names(b"var/d")) == [b"var/c", b"var/d"]
    assert groups.file(b"a") != groups.file(b"var/c")


def test_directories_and_files_of_one_name_are_not_among_them() -> None:
    scanned = inventory(directory(b"d"), file(b"a"), file(b"b", links=2), file(b"c", links=2))
    groups = LinkGroups(scanned, PAIR)
    assert [path for path in (b"d", b"a", b"b", b"c") if path in groups] == [b"b", b"c"]


def test_all_names_of_some_files() -> None:
    groups = links([b"a", b"b"], [b"x", b"y"], [b"m", b"n"])
    found = groups.files([b"a", b"y", b"z"])
    assert [sorted(groups.names_of(file)) for file in found] == [[b"a", b"b"], [b"x", b"y"]]
    assert list(found.values()) == [b"a", b"y"]
    assert groups.names_of_all([b"a", b"y", b"z"]) == {b"a", b"b", b"x", b"y"}
    assert groups.names_of_all([]) == set()


ALL = frozenset(b"abcd"[n : n + 1] for n in range(4))


@pytest.mark.parametrize(
    ("booted", "clone", "counting", "alike"),
    [
        ([b"a", b"b"], [b"a", b"b"], ALL, True),
        ([b"b", b"a"], [b"a", b"b"], ALL, True),
        ([b"a", b"b"], [b"a"], ALL, False),
        ([b"a"], [b"a", b"b"], ALL, False),
        ([b"a", b"b"], [b"a", b"c"], ALL, False),
        ([b"a", b"b"], [b"a", b"c"], ALL - {b"b", b"c"}, True),
        ([b"a", b"b", b"c"], [b"a", b"c"], ALL - {b"b"}, True),
        ([b"a", b"b"], [b"b", b"c"], ALL - {b"a"}, False),
        ([b"a", b"b"], [b"a", b"b"], ALL - {b"a"}, True),
        ([b"c", b"d"], [b"a", b"b"], frozenset({b"a"}), True),
    ],
)
def test_linked_alike_is_linked_to_the_same_names_that_count(
    booted: list[bytes], clone: list[bytes], counting: frozenset[bytes], alike: bool
) -> None:
    found = LinkComparison(links(booted), links(clone), counting.__contains__)
    assert found.alike(b"a") is alike
    assert found.alike(b"a") is alike


NAMES = st.sets(st.sampled_from([b"%d" % number for number in range(8)]), min_size=1)


@given(st.lists(NAMES, max_size=4), st.lists(NAMES, max_size=4), NAMES)
def test_it_is_as_two_sets_of_names_for_each_path_say(
    booted: list[set[bytes]], clone: list[set[bytes]], counting: set[bytes]
) -> None:
    here, there = links(*apart(booted)), links(*apart(clone))
    found = LinkComparison(here, there, counting.__contains__)
    for path in [b"%d" % number for number in range(8)]:
        both = ({*groups.names(path)} & counting | {path} for groups in (here, there))
        assert found.alike(path) is (next(both) == next(both))


def apart(files: list[set[bytes]]) -> list[set[bytes]]:
    """The same without names that an earlier file has."""
    return [one.difference(*files[:number]) for number, one in enumerate(files)]


@pytest.mark.parametrize("more", [0, 1, 2])
def test_the_names_of_a_file_are_gone_through_once_and_not_for_each_of_them(more: int) -> None:
    names = [b"%d" % number for number in range(3000)]
    asked: list[bytes] = []

    def counts(path: bytes) -> bool:
        asked.append(path)
        return True

    found = LinkComparison(links(names[more:]), links(names), counts)
    assert [found.alike(path) for path in names[more:]] == [more == 0] * (3000 - more)
    assert len(asked) == 6000 - more
