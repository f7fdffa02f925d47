"""The paths that are searched, in their order and at any depth."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from drdwrap.boot.searched_paths import searched_paths


def test_the_contents_of_a_directory_come_before_it(tmp_path: Path) -> None:
    for name in ("etc/b/c/file", "etc/b/d.bak", "etc/a", "etc/z/file", "boot/grub/x", "srv/no"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "etc/link").symlink_to("a")
    os.mkfifo(tmp_path / "etc/fifo")
    assert [(found.path, found.kind) for found in searched_paths(bytes(tmp_path))] == [
        (b"etc/a", "file"),
        (b"etc/b/c/file", "file"),
        (b"etc/b/c", "directory"),
        (b"etc/b", "directory"),
        (b"etc/link", "link"),
        (b"etc/z/file", "file"),
        (b"etc/z", "directory"),
        (b"boot/grub/x", "file"),
        (b"boot/grub", "directory"),
    ]


def test_it_may_be_thousands_of_directories_deep(tmp_path: Path) -> None:
    """Deeper than a path can be long: each is made in the one before."""
    here = os.open(tmp_path, os.O_RDONLY)
    for name in ("etc", *("d" * 3000)):
        os.mkdir(name, dir_fd=here)
        below = os.open(name, os.O_RDONLY, dir_fd=here)
        os.close(here)
        here = below
    os.close(here)
    try:
        found = list(searched_paths(bytes(tmp_path)))
        assert len(found) == 3000
        assert found[-1].path == b"etc/d"
    finally:
        subprocess.run(["rm", "-r", tmp_path / "etc"], check=True)
