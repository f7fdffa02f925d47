"""The comparison of two inventories says the same as plain sets, whatever the order."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from drdwrap.changes import difference as module
from drdwrap.changes.difference import difference
from drdwrap.inventory import storage
from drdwrap.inventory.entry import path_of
from drdwrap.inventory.finder import Finder

LINES = st.lists(
    st.builds(
        lambda path, size: b"%d//f 644 0 0 %d 1.0 2.0 3 1" % (path, size),
        st.integers(0, 400),
        st.integers(0, 2),
    ),
    unique_by=path_of,
    max_size=300,
)


def stored(lines: list[bytes]) -> bytes:
    return b"".join(line + b"\0" for line in lines)


def check(now: list[bytes], then: list[bytes]) -> None:
    found = difference(stored(now), stored(then))
    assert found.now == {path_of(line): line for line in set(now) - set(then)}
    assert found.then == {path_of(line): line for line in set(then) - set(now)}
    data = stored(now)
    assert found.positions.keys() == found.now.keys()
    for path, line in found.now.items():
        at = found.positions[path]
        assert data[at : at + len(line) + 1] == line + b"\0"
        assert at == 0 or data[at - 1] == 0


@given(LINES, LINES)
def test_any_two_inventories(now: list[bytes], then: list[bytes]) -> None:
    check(now, then)


@settings(max_examples=50, deadline=None)
@given(st.data())
def test_large_inventories_with_few_changes(data: st.DataObject) -> None:
    # Long enough that blocks differ, drift apart and meet again.
    lines = [b"dir/%06d//f 644 0 0 1 1.0 2.0 3 1" % number for number in range(5000)]
    now = list(lines)
    for position in data.draw(st.lists(st.integers(0, len(now) - 1), max_size=5)):
        now[position] = now[position].replace(b"//f", b"//l", 1)
    start = data.draw(st.integers(0, len(now)))
    length = data.draw(st.integers(0, 2000))
    moved = data.draw(st.integers(0, 3000))
    piece = now[start : start + length]
    del now[start : start + length]
    if data.draw(st.booleans()):
        now[moved:moved] = piece
    check(now, lines)
    check(lines, now)


def test_empty_against_anything() -> None:
    lines = [b"a//f 644 0 0 1 1.0 2.0 3 1"]
    check([], lines)
    check(lines, [])
    check([], [])


def test_a_name_that_looks_like_a_line() -> None:
    line = b"a//f 644 0 0 1 1.0 2.0 3 1"
    nested = b"x " + line
    padding = [b"p%05d//f 644 0 0 1 1.0 2.0 3 1" % number for number in range(500)]
    check([*padding, line], [*padding, nested, line])
    check([*padding, line], [nested, *padding])


def test_equal_stretches() -> None:
    data = stored([b"%06d//f 644 0 0 1 1.0 2.0 3 1" % n for n in range(20_000)])
    assert len(data) > 10 * module._BLOCK
    assert difference(data, data) == module.Difference({}, {}, {})


@given(
    LINES, st.dictionaries(st.integers(0, 400).map(lambda n: b"%d" % n), st.booleans()), st.data()
)
def test_replaced_lines(
    lines: list[bytes], changes: dict[bytes, bool], data: st.DataObject
) -> None:
    new = {path: (path + b"//new" if keep else None) for path, keep in changes.items()}
    before = {path_of(line): line for line in lines}
    expected = dict(before)
    for path, line in new.items():
        if line is None:
            expected.pop(path, None)
        else:
            expected[path] = line
    finder = Finder(stored(lines))
    asked = data.draw(st.sets(st.integers(0, 400).map(lambda n: b"%d" % n), max_size=20))
    assert finder.select(asked) == {p: line for p, line in before.items() if p in asked}
    assert finder.select(asked) == {p: line for p, line in before.items() if p in asked}
    result = b"".join(finder.replaced(new))
    assert {path_of(line): line for line in storage.lines(result)} == expected
    assert storage.count(result) == len(expected)


@st.composite
def trees(draw: st.DrawFn) -> list[bytes]:
    """The paths of a tree as find meets them, a slash behind the directories, the root first."""
    paths: list[bytes] = []

    def fill(directory: bytes, depth: int) -> None:
        paths.append(directory + b"/")
        names = draw(st.lists(st.sampled_from([b"a", b"a b", b"aa", b"b", b"ba"]), unique=True))
        for name in names:
            path = directory + b"/" + name if directory else name
            if depth and draw(st.booleans()):
                fill(path, depth - 1)
            else:
                paths.append(path)

    fill(b"", 3)
    return paths


@given(trees(), st.data())
def test_paths_are_found_behind_their_directories(paths: list[bytes], data: st.DataObject) -> None:
    lines = {
        path.removesuffix(b"/"): b"%s//%s 755 0 0 1 1.0 2.0 7 1"
        % (path.removesuffix(b"/"), b"d" if path.endswith(b"/") else b"f")
        for path in paths
    }
    asked = data.draw(st.sets(st.sampled_from(sorted(lines))))
    absent = {path + b"/c" if path else b"c" for path in asked}
    finder = Finder(stored(list(lines.values())))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(finder, "_go_through", pytest.fail)
        one = data.draw(st.sampled_from(sorted(lines)))  # of many, all lines may be gone through
        assert finder.select({one}) == {one: lines[one]}
    assert finder.select(asked | absent) == {path: lines[path] for path in asked}
    kept = [line for path, line in lines.items() if path not in asked]
    assert b"".join(finder.replaced(dict.fromkeys(asked))) == stored(kept)


def test_the_names_of_a_linked_file_are_told_apart() -> None:
    # Their lines differ in the path alone, and one path may end as the other does.
    same = b"//f 644 0 0 1 1.0 2.0 77 2"
    finder = Finder(stored([b"bba" + same, b"ba" + same, b"a" + same]))
    assert b"".join(finder.replaced({b"a": None})) == stored([b"bba" + same, b"ba" + same])
    assert b"".join(finder.replaced({b"ba": b"x"})) == stored([b"bba" + same, b"x", b"a" + same])


@given(LINES)
def test_counting_selecting_and_summing(lines: list[bytes]) -> None:
    data = stored(lines)
    assert storage.count(data) == len(lines)
    assert list(storage.lines(data)) == lines
    assert storage.total_size(data) == sum(int(line.split()[4]) for line in lines)
