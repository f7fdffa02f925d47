"""What files are for that programs of packages write in directories of every system."""

from __future__ import annotations

import os
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap.packages.generated import targets

SHELLS = b"etc/shells"


def made(root: Path, shells: bytes | None, *, merged: bool = False) -> bytes:
    """A root with such a list of shells; `merged`: /bin is /usr/bin, and /usr/sbin too."""
    (root / "etc").mkdir(parents=True)
    if merged:
        (root / "usr/bin").mkdir(parents=True)
        (root / "bin").symlink_to("usr/bin")
        (root / "usr/sbin").symlink_to("bin")
    if shells is not None:
        (root / "etc/shells").write_bytes(shells)
    return os.fsencode(root)


def test_a_list_of_shells_is_for_those_that_only_one_side_has_in_it(tmp_path: Path) -> None:
    booted = made(
        tmp_path / "a", b"# all\n/bin/sh\n/bin/zsh\n\n /usr/bin/tmux # a note\n", merged=True
    )
    clone = made(tmp_path / "b", b"/bin/sh\n/usr/bin/fish\nrelative\n/\n")
    assert targets((booted, clone), {SHELLS, b"etc/hosts"}) == {
        SHELLS: {b"usr/bin/zsh", b"bin/zsh", b"usr/bin/tmux", b"usr/bin/fish"}
    }
    assert targets((booted, booted), {SHELLS}) == {SHELLS: frozenset()}
    assert targets((booted, clone), {b"etc/hosts"}) == {}


@pytest.mark.parametrize("odd", ["absent", "link", "directory", "fifo"])
def test_a_list_that_cannot_be_read_names_nothing(tmp_path: Path, odd: str) -> None:
    booted, clone = made(tmp_path / "a", b"/bin/zsh\n"), made(tmp_path / "b", None)
    path = tmp_path / "b/etc/shells"
    if odd == "link":
        path.symlink_to("../../a/etc/shells")
    elif odd == "directory":
        path.mkdir()
    elif odd == "fifo":
        os.mkfifo(path)
    assert targets((booted, clone), {SHELLS}) == {SHELLS: {b"bin/zsh"}}


def test_the_aliases_of_a_mail_server_are_for_what_makes_them(tmp_path: Path) -> None:
    roots = made(tmp_path / "a", None), made(tmp_path / "b", None, merged=True)
    found = targets(roots, {b"etc/aliases", b"etc/aliases.db", b"etc/aliases.lmdb"})
    assert found.keys() == {b"etc/aliases.db", b"etc/aliases.lmdb"}
    for programs in found.values():
        assert {b"usr/sbin/postalias", b"usr/bin/postalias", b"usr/sbin/smtpctl"} <= programs


@given(st.binary())
def test_whatever_the_list_has_in_it(text: bytes) -> None:
    with TemporaryDirectory() as place:
        root = made(Path(place), text)
        other = made(Path(place) / "other", None)
        for path in targets((root, other), {SHELLS})[SHELLS]:
            assert path
            assert not path.startswith(b"/")
