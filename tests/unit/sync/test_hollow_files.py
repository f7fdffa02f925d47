"""Files with large holes are copied without their holes being read, on a real file system."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from unit.entries import seen

from drdwrap.inventory.beyond_lstat import same_attributes, same_contents
from drdwrap.linux import holes
from drdwrap.sync import hollow_files
from drdwrap.sync.hollow_files import ChangedError, Copied, copy, copy_file, find

SIZE = 1 << 43
"""Eight terabytes: to read them takes hours."""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    for side in ("booted", "clone"):
        (tmp_path / side).mkdir()
    return tmp_path


def hollow(place: Path, name: str = "a", *data: int) -> bytes:
    """A file with data at these positions, and nothing else. Returns its path."""
    path = place / "booted" / name
    with path.open("wb") as file:
        file.truncate(SIZE)
        for at in data:
            file.seek(at)
            file.write(b"data at %d" % at)
    path.chmod(0o4710)
    os.setxattr(path, "user.note", b"1")
    os.utime(path, ns=(1, 1_000_000_007))
    return os.fsencode(path)


def copied(place: Path, *names: str) -> Copied:
    root = os.fsencode(place / "booted")
    entries = [seen(root, os.fsencode(name)) for name in names]
    places = {os.fsencode(name): os.fsencode(place / "clone" / name) for name in names}
    return copy(entries, root, places)


def test_only_files_with_more_than_a_gigabyte_of_holes_are_found(place: Path) -> None:
    hollow(place, "large")
    for name, size in (("small", holes.LARGE), ("larger", holes.LARGE + (1 << 20))):
        (place / "booted" / name).touch()
        os.truncate(place / "booted" / name, size)
    (place / "booted/link").symlink_to("large")
    root = os.fsencode(place / "booted")
    entries = [seen(root, name) for name in (b"large", b"small", b"larger", b"link")]
    assert [entry.path for entry in find(root, entries)] == [b"large", b"larger"]
    os.unlink(root + b"/large")
    assert [entry.path for entry in find(root, entries)] == [b"larger"]


def test_everything_of_a_file_arrives_but_its_holes(place: Path) -> None:
    path = hollow(place, "a", 0, 70_000, SIZE // 2, SIZE - 20)
    os.posix_fallocate(os.open(path, os.O_WRONLY), 1 << 30, 1 << 20)
    os.utime(path, ns=(1, 1_000_000_007))
    started = time.monotonic()
    assert copied(place, "a") == Copied(done={b"a"})
    there = os.fsencode(place / "clone/a")
    assert same_contents(path, there)
    assert time.monotonic() - started < 30
    assert same_attributes(path, there)
    both = os.fsencode(place / "booted"), os.fsencode(place / "clone")
    assert seen(both[1], b"a").visible == seen(both[0], b"a").visible
    assert os.stat(there).st_blocks * 512 <= os.stat(path).st_blocks * 512


def test_names_of_one_file_become_names_of_one_file(place: Path) -> None:
    path = hollow(place, "a", 5)
    os.link(path, place / "booted/b")
    hollow(place, "c", 5)
    assert copied(place, "a", "b", "c").done == {b"a", b"b", b"c"}
    inodes = [(place / "clone" / name).stat().st_ino for name in "abc"]
    assert inodes[0] == inodes[1] != inodes[2]


@pytest.mark.parametrize("change", ["grown", "cut", "attribute"])
def test_a_file_that_changes_meanwhile_leaves_nothing(
    place: Path, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    path = hollow(place, "a", 0, SIZE // 2)
    stretches = holes.stretches_of_data

    def disturbed(size: int, *files: int) -> Iterator[tuple[int, int]]:
        for number, stretch in enumerate(stretches(size, *files)):
            if number == 1:
                disturb()
            yield stretch

    def disturb() -> None:
        if change == "attribute":
            os.setxattr(path, "user.note", b"2")
        else:
            os.truncate(path, SIZE + 1 if change == "grown" else 10)

    monkeypatch.setattr(hollow_files, "stretches_of_data", disturbed)
    with pytest.raises(ChangedError):
        copy_file(path, os.fsencode(place / "clone/a"))
    assert os.listdir(place / "clone") == []


@pytest.mark.parametrize("is_fifo", [True, False])
def test_a_file_that_is_gone_is_not_waited_for(place: Path, is_fifo: bool) -> None:
    path = hollow(place, "a", 0)
    entries = [seen(os.fsencode(place / "booted"), b"a")]
    os.unlink(path)
    if is_fifo:
        os.mkfifo(path)
    places = {b"a": os.fsencode(place / "clone/a")}
    assert copy(entries, os.fsencode(place / "booted"), places) == Copied(changed={b"a"})
    assert os.listdir(place / "clone") == []


def test_what_cannot_be_made_is_told_with_the_reason_and_the_rest_is_copied(place: Path) -> None:
    for name in ("a", "b", "c"):
        hollow(place, name, 5)
    os.link(place / "booted/a", place / "booted/d")
    (place / "clone/a").touch()
    found = copied(place, "a", "b", "d")
    assert found.failed == {b"a": os.strerror(errno.EEXIST)}
    assert found.done == {b"b", b"d"}
    assert found.paths == {b"a", b"b", b"d"}


def test_a_file_that_is_larger_than_the_file_system_allows(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hollow(place, "a", 5)

    def refuse(*_: int) -> None:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    monkeypatch.setattr(os, "ftruncate", refuse)
    assert copied(place, "a").failed == {b"a": "File too large"}
    assert os.listdir(place / "clone") == []
