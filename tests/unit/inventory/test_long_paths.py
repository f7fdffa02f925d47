from __future__ import annotations

import pytest

from drdwrap.inventory.long_paths import without_long

END = b"//f 644 0 0 0 1.0 1.0 7 1\0"


def line(path: bytes) -> bytes:
    return path + END


def test_without_a_long_path_the_lines_are_the_same_object() -> None:
    lines = b"".join(line(b"d/%d" % number) for number in range(1000))
    kept, deep = without_long(lines, 100)
    assert kept is lines
    assert deep == ()


@pytest.mark.parametrize("before", [0, 1, 7, 50, 1000])
@pytest.mark.parametrize("longer", [1, 2, 50, 5000])
def test_a_long_path_goes_and_the_directory_that_holds_it_is_named(
    before: int, longer: int
) -> None:
    some = b"".join(line(b"a/%d" % number) for number in range(before))
    directory = b"b/" + b"d" * 50
    long = directory + b"/" + b"f" * (49 - 2 + longer)
    assert len(long) == 99 + longer + 1
    lines = some + line(directory) + line(long) + line(long + b"/below") + line(b"c")
    kept, deep = without_long(lines, 100)
    assert kept == some + line(directory) + line(b"c")
    assert deep == (directory,)


def test_each_directory_is_named_once() -> None:
    paths = [b"x", b"x/" + b"y" * 20, b"x/" + b"z" * 20, b"w/w", b"w/w/" + b"w" * 20]
    kept, deep = without_long(b"".join(map(line, paths)), 10)
    assert kept == line(b"x") + line(b"w/w")
    assert deep == (b"x", b"w/w")


def test_a_long_name_at_the_root_is_held_by_the_root() -> None:
    kept, deep = without_long(line(b"") + line(b"n" * 20), 10)
    assert kept == line(b"")
    assert deep == (b"",)
