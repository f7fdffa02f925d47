"""Which directories are encrypted, and an inventory without what is in them.

The kernel's answers are made up here; `test_encrypted_directories.py` has real ones.
"""

from __future__ import annotations

import pytest

from drdwrap.inventory import encrypted
from drdwrap.inventory.scan import Inventory
from drdwrap.linux import fscrypt

LINES = (
    b"//d 755 0 0 0 1.0 1.0 2 4",
    b"home//d 755 0 0 0 1.0 1.0 3 4",
    b"home/u//d 700 0 0 0 1.0 1.0 4 3",
    b"home/u/in//d 700 0 0 0 1.0 1.0 5 2",
    b"home/u/in/file//f 600 0 0 1 1.0 1.0 6 2",
    b"home/user//f 600 0 0 1 1.0 1.0 7 1",
    b"home/linked//f 600 0 0 1 1.0 1.0 6 2",
    b"srv//d 755 0 0 0 1.0 1.0 8 2",
)
TREE = Inventory(
    b"".join(line + b"\0" for line in LINES),
    b"".join(line + b"\0" for line in (LINES[4], LINES[6])),
    0,
)


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """All below /home/u is encrypted, and locked; all paths that the kernel was asked about."""
    asked = []

    def is_encrypted(path: bytes) -> bool:
        asked.append(path)
        if path == b"/tree/srv":
            raise FileNotFoundError
        return path.startswith(b"/tree/home/u/") or path == b"/tree/home/u"

    monkeypatch.setattr(fscrypt, "is_encrypted", is_encrypted)
    monkeypatch.setattr(fscrypt, "is_locked", lambda path: path == b"/tree/home/u")
    return asked


def test_the_outermost_ones_are_found_with_a_look_at_directories_alone(
    looked_at: list[bytes],
) -> None:
    assert encrypted.directories(TREE, b"/tree") == {b"home/u": True}
    assert looked_at == [b"/tree", b"/tree/home", b"/tree/home/u", b"/tree/srv"]


def test_what_is_below_them_is_unknown_and_they_are_known() -> None:
    left = encrypted.without(TREE, [b"home/u"])
    assert left.storage[:].split(b"\0")[:-1] == [*LINES[:3], *LINES[5:]]
    assert left.linked[:] == LINES[6] + b"\0"
    assert left.knows(b"home/u") and left.knows(b"home/user") and not left.is_complete
    assert not left.knows(b"home/u/in/file") and not left.knows(b"home/u/other")


def test_a_tree_can_be_encrypted_from_its_root() -> None:
    left = encrypted.without(TREE, [b""])
    assert left.storage[:] == LINES[0] + b"\0"
    assert left.knows(b"") and not left.knows(b"srv")


def test_single_files_may_be_left_out() -> None:
    left = encrypted.without(TREE, [], [b"home/user"])
    assert left.storage[:].split(b"\0")[:-1] == [*LINES[:5], *LINES[6:]]
    assert encrypted.without(TREE, []) is TREE


def test_a_file_system_that_cannot_encrypt_is_not_looked_at() -> None:
    assert not encrypted.can_be(b"/", [b"proc"])
