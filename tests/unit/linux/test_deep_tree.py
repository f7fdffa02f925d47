"""Trees that are deeper than Python's recursion, and than a path can be long."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from drdwrap.linux import deep_tree


def deep(root: Path, levels: int) -> None:
    """`levels` directories, each in the one before, and a file in the last."""
    here = os.open(root, os.O_RDONLY)
    for _ in range(levels):
        os.mkdir("d", dir_fd=here)
        below = os.open("d", os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(os.open("file", os.O_CREAT | os.O_WRONLY, dir_fd=here))
    os.close(here)


def test_everything_below_comes_after_its_directory(tmp_path: Path) -> None:
    deep(tmp_path, 1500)
    (tmp_path / "link").symlink_to("d")
    found = list(deep_tree.paths_below(bytes(tmp_path)))
    assert len(found) == 1502
    seen = {bytes(tmp_path)}
    for path in found:
        assert os.path.dirname(path) in seen
        seen.add(path)
    deep_tree.remove(bytes(tmp_path / "d"))
    assert [path.name for path in tmp_path.iterdir()] == ["link"]


def test_a_path_may_be_longer_than_the_kernel_takes(tmp_path: Path) -> None:
    deep(tmp_path, 3000)
    assert len(list(deep_tree.paths_below(bytes(tmp_path)))) < 3000  # the rest cannot be named
    deep_tree.remove(bytes(tmp_path / "d"))
    assert list(tmp_path.iterdir()) == []


def test_a_deep_tree_is_removed_with_few_descriptors(tmp_path: Path) -> None:
    """From Python 3.13 on, shutil.rmtree keeps a directory open for each level."""
    deep(tmp_path, 900)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (100, limits[1]))
    try:
        deep_tree.remove(bytes(tmp_path / "d"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("levels", [1, 1500, 3000])
def test_a_directory_is_emptied_whatever_is_in_it(tmp_path: Path, levels: int) -> None:
    deep(tmp_path, levels)
    (tmp_path / "file").touch()
    deep_tree.empty(bytes(tmp_path))
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_there_is_gone_and_what_cannot_go_is_an_error(tmp_path: Path) -> None:
    deep_tree.remove(bytes(tmp_path / "nothing"))
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError):
        deep_tree.remove(bytes(tmp_path / "file"))
