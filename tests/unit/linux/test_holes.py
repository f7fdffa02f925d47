"""What is data in a file, on a real file system."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.inventory.beyond_lstat import same_contents
from drdwrap.linux import holes
from drdwrap.linux.holes import stretches_of_data

BLOCK = 64 << 10
PARTS = st.lists(st.sampled_from([b"\0", b"a", b"b", b""]), max_size=12)
"""Blocks of a file: zeros, letters, and (the empty one) a hole."""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("holes")


def write(path: Path, parts: list[bytes], tail: int = 0) -> bytes:
    """Write the file, with a hole at its end, and return what is read from it."""
    with path.open("wb") as file:
        for number, part in enumerate(parts):
            file.seek(number * BLOCK)
            file.write(part * BLOCK)
        file.truncate(len(parts) * BLOCK + tail)
    return path.read_bytes()


def stretches(*paths: Path) -> list[tuple[int, int]]:
    files = [os.open(path, os.O_RDONLY) for path in paths]
    try:
        return list(stretches_of_data(paths[0].stat().st_size, *files))
    finally:
        for file in files:
            os.close(file)


@given(PARTS, PARTS, st.sampled_from([0, 1, 5000]))
def test_files_are_the_same_exactly_if_they_read_the_same(
    place: Path, one: list[bytes], other: list[bytes], tail: int
) -> None:
    first, second = place / "first", place / "second"
    alike = write(first, one, tail) == write(second, other, tail)
    assert same_contents(os.fsencode(first), os.fsencode(second)) is alike


@given(PARTS, PARTS, st.sampled_from([0, 1, 5000]))
def test_all_that_is_not_zero_is_in_a_stretch(
    place: Path, one: list[bytes], other: list[bytes], tail: int
) -> None:
    other = (other + one)[: len(one)]
    first, second = place / "first", place / "second"
    contents = write(first, one, tail), write(second, other, tail)
    found = stretches(first, second)
    ends = [0, *(place for stretch in found for place in stretch)]
    assert ends == sorted(ends)
    assert all(0 < end - start <= holes._LONGEST for start, end in found)
    for content in contents:
        left = bytearray(content)
        for start, end in found:
            left[start:end] = bytes(end - start)
        assert not any(left)


def test_a_hole_is_not_read(place: Path) -> None:
    huge = 1 << 43
    for name in ("first", "second"):
        with (place / name).open("wb") as file:
            file.truncate(huge)
            file.seek(huge // 2)
            file.write(b"x")
    begun = time.process_time()
    assert (
        sum(end - start for start, end in stretches(place / "first", place / "second")) <= 1 << 16
    )
    assert same_contents(os.fsencode(place / "first"), os.fsencode(place / "second"))
    with (place / "second").open("r+b") as file:
        file.seek(huge - 1)
        file.write(b"y")
    assert not same_contents(os.fsencode(place / "first"), os.fsencode(place / "second"))
    assert time.process_time() - begun < 5


def test_where_the_file_system_cannot_tell_all_is_data(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(place / "a", [b"a", b"", b"", b"a"])

    def refuse(_file: int, _at: int, _whence: int) -> int:
        raise OSError(22, "Invalid argument")

    monkeypatch.setattr(os, "lseek", refuse)
    assert stretches(place / "a") == [(0, 4 * BLOCK)]
