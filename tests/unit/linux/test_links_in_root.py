"""Where a path of a root is, through links, however many and however deep."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from drdwrap.linux.links_in_root import Resolver
from drdwrap.linux.real_path import real_path


@pytest.fixture
def root(tmp_path: Path) -> Iterator[Path]:
    root = tmp_path / "root"
    root.mkdir()
    yield root
    subprocess.run(["rm", "-r", root], check=True)  # maybe too deep for pytest to remove


def resolver(root: Path) -> Resolver:
    return Resolver(bytes(root))


def chain(root: Path, length: int) -> None:
    """Links 1 to `length`, each to the one before it, and a directory 0."""
    (root / "0").mkdir()
    for number in range(1, length + 1):
        (root / str(number)).symlink_to(str(number - 1))


def test_links_are_followed_within_the_root(root: Path) -> None:
    (root / "usr/bin").mkdir(parents=True)
    (root / "bin").symlink_to("usr/bin")
    (root / "sbin").symlink_to("/bin")
    (root / "usr/up").symlink_to("../../../bin")
    found = resolver(root)
    for name in (b"bin", b"sbin", b"usr/up", b"usr/bin"):
        assert found.directory(name) == b"usr/bin"
        assert found.file(name + b"/ls") == b"usr/bin/ls"
    assert found.directory(b"bin/none/at/all") == b"usr/bin/none/at/all"
    assert found.file(b"bin") == b"bin"


def test_as_many_links_as_the_kernel_follows(root: Path) -> None:
    chain(root, 1200)
    found = resolver(root)
    assert found.directory(b"40") == b"0"
    with pytest.raises(OSError, match="symbolic links"):
        os.stat(root / "41")
    for name in (b"41", b"1200"):
        assert found.directory(name) == name
        assert found.file(name + b"/x") == name + b"/x"


def test_a_circle_ends(root: Path) -> None:
    (root / "a").symlink_to("b")
    (root / "b").symlink_to("a/x")
    (root / "self").symlink_to("self")
    found = resolver(root)
    assert [found.directory(name) for name in (b"a", b"b", b"self")] == [b"a", b"b", b"self"]


def test_thousands_of_directories(root: Path) -> None:
    (root / "usr").mkdir()
    (root / "link").symlink_to("usr")
    deep = b"/d" * 3000
    assert resolver(root).directory(b"link" + deep) == b"usr" + deep


def test_a_long_chain_in_the_running_system_stays_as_it_is(root: Path) -> None:
    chain(root, 1200)
    assert real_path(bytes(root / "30")) == bytes(root / "0")
    assert real_path(bytes(root / "1200")) in (bytes(root / "1200"), bytes(root / "0"))
