from __future__ import annotations

import os

import pytest

from .lab.files import put, rewrite_unnoticed
from .lab.pair import Pair


@pytest.fixture
def single(pair: Pair) -> Pair:
    for number in range(10):
        put(pair.booted, f"etc/other/{number}")
    put(pair.booted, "one/a", b"linked\n")
    pair.clone_fill()
    return pair


def follows(pair: Pair, copied: int) -> None:
    first = pair.sync()
    assert first["copied"] == copied
    assert pair.report("target_changed") == []
    assert pair.differences() == []
    again = pair.sync()
    assert pair.report("target_changed") == []
    assert again["copied"] == again["deleted"] == 0


@pytest.mark.parametrize("how", ["mode", "attribute"])
@pytest.mark.parametrize("unnoticed", [False, True])
@pytest.mark.parametrize("link", [False, True])
@pytest.mark.parametrize("before", [False, True])
def test_all(single: Pair, how: str, unnoticed: bool, link: bool, before: bool) -> None:
    if before:
        os.link(single.booted / "one/a", single.booted / "one/0")
        single.sync()
        single.sync()
    if unnoticed:
        rewrite_unnoticed(single.booted / "one/a")
    if how == "mode":
        (single.booted / "one/a").chmod(0o600)
    else:
        os.setxattr(single.booted / "one/a", "user.note", b"1")
    if link:
        os.link(single.booted / "one/a", single.booted / "one/b")
    follows(single, 1 + link + before)


def test_grow_alone(single: Pair) -> None:
    os.link(single.booted / "one/a", single.booted / "one/b")
    follows(single, 2)
