"""Swap files are the machine's own: the fill makes the clone's own, and no sync touches them."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from .lab.files import populate, put
from .lab.images import MIB
from .lab.pair import Pair

NAMES = ("swapfile", "srv/with a blank", "srv/tab\tand\\backslash")
AS_IN_FSTAB = ("/swapfile", "/srv/with\\040a\\040blank", "/srv/tab\\011and\\134backslash")


def make_swap(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600)
    os.truncate(path, MIB)
    subprocess.run(["mkswap", "-q", path], check=True, stdout=subprocess.DEVNULL)


def uuid_of(path: Path) -> bytes:
    """Where mkswap(8) writes it, into the first page."""
    with path.open("rb") as file:
        file.seek(1024 + 12)
        return file.read(16)


@pytest.fixture
def swapping(pair: Pair) -> Pair:
    """A filled pair whose booted tree has swap files, with names that fstab has to escape."""
    populate(pair.booted)
    for name in NAMES:
        make_swap(pair.booted / name)
    fstab = "".join(f"{name} none swap sw 0 0\n" for name in AS_IN_FSTAB)
    put(pair.booted, "etc/fstab", fstab.encode())
    pair.clone_fill()
    return pair


def test_the_fill_makes_the_clones_own(swapping: Pair) -> None:
    for name in NAMES:
        made, booted = swapping.clone / name, swapping.booted / name
        assert made.stat().st_size == MIB
        assert made.stat().st_blocks * 512 >= MIB  # swapon refuses a sparse one
        assert made.stat().st_mode & 0o777 == 0o600
        assert made.read_bytes()[4086:4096] == b"SWAPSPACE2"
        assert uuid_of(made) != uuid_of(booted)
    assert swapping.differences(*NAMES, "etc/fstab") == []


def test_a_sync_leaves_them_alone(swapping: Pair) -> None:
    uuids = {name: uuid_of(swapping.clone / name) for name in NAMES}
    for name in NAMES:
        (swapping.booted / name).unlink()
        make_swap(swapping.booted / name)
    swapping.sync()
    assert uuids == {name: uuid_of(swapping.clone / name) for name in NAMES}
    assert {os.fsencode(f"/{name}") for name in NAMES} <= set(swapping.report("location"))


def test_one_that_is_given_up_stays_on_the_clone(swapping: Pair) -> None:
    """What the fill made itself is no deletion, whatever fstab says now."""
    for name in NAMES:
        (swapping.booted / name).unlink()
    put(swapping.booted, "etc/fstab", b"")
    swapping.sync()
    assert all((swapping.clone / name).exists() for name in NAMES)


def test_a_file_that_only_has_such_a_name_is_a_file(pair: Pair) -> None:
    put(pair.booted, "swapfile", b"notes on swapping\n")
    pair.clone_fill()
    put(pair.booted, "swapfile", b"more notes\n")
    pair.sync()
    assert pair.differences() == []


def test_they_are_the_clones_own_when_the_record_was_moved_away(swapping: Pair) -> None:
    """As is all that 'clone' has made or mended; nothing else says so but what it left."""
    (swapping.state / "record").unlink()
    put(swapping.booted, "etc/fstab", b"# no swap any more\n")
    for name in NAMES:
        put(swapping.booted, name, b"no swap file any more\n")
    swapping.sync()
    assert {f"/{name}".encode() for name in NAMES} <= set(swapping.report("location"))
    assert swapping.json("status")["created"]
