"""Directories that others cannot write to, whatever the umask is."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from drdwrap.linux import directories


@pytest.fixture(params=[0o000, 0o002, 0o022, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    before = os.umask(request.param)
    yield request.param
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_none_of_them_can_be_written_by_others(tmp_path: Path, umask: int) -> None:
    directories.make(bytes(tmp_path / "a/b/c"))
    assert [mode(tmp_path / name) for name in ("a", "a/b", "a/b/c")] == [
        0o755 & ~umask,
        0o755 & ~umask,
        0o700,
    ]


def test_one_that_is_there_stays_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir(mode=0o750)
    directories.make(bytes(tmp_path / "a"))
    directories.make(bytes(tmp_path / "a/b"), 0o711)
    directories.make(b"/")
    assert (mode(tmp_path / "a"), mode(tmp_path / "a/b")) == (0o750, 0o711)


def test_something_else_in_its_place_is_an_error(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "nowhere").symlink_to("nothing")
    for name in ("fifo", "fifo/below", "nowhere"):
        with pytest.raises(OSError, match=r"File exists|Not a directory"):
            directories.make(bytes(tmp_path / name))


def test_they_may_be_many(tmp_path: Path) -> None:
    path = bytes(tmp_path) + b"/d" * 1500
    directories.make(path)
    assert os.path.isdir(path)
    subprocess.run(["rm", "-r", tmp_path / "d"], check=True)  # too deep for pytest to remove
