"""Disks that cannot be read: what is on them has not been erased, and the rest is copied."""

from __future__ import annotations

import os
from collections.abc import Iterator

import pytest

from .lab.files import populate, put
from .lab.images import MIB, Image, command
from .lab.mounts import Mounts
from .lab.pair import Pair

UNREADABLE = "Structure needs cleaning|Input/output error"

SHORT = 40 * MIB
"""How long the backing file of a broken disk is; what lies behind cannot be read."""


@pytest.fixture
def fragile(pair: Pair, mounts: Mounts) -> Iterator[Image]:
    """The booted side is on a file system that the test may damage."""
    image = mounts.image("fragile")
    pair.booted = image.point
    pair.configure(booted={"root": str(image.point)})
    populate(pair.booted)
    put(pair.booted, "srv/broken", os.urandom(MIB))
    pair.clone_fill()
    yield image
    mounts.drop("fragile")


def place(image: Image, name: str, block: int) -> None:
    """Have the file system believe that the contents of ``name`` begin at a block."""
    image.unmount()
    command("debugfs", "-w", "-R", f"set_inode_field {name} block[5] {block}", image.file)
    image.mount()


def break_disk(image: Image, name: str) -> None:
    place(image, name, SHORT // 4096 + 1024)
    # What blkid(8) reads at the disk's end comes from memory after this.
    device = command("findmnt", "-n", "-o", "SOURCE", image.point).strip()
    command("blkid", "-p", device.decode())
    os.truncate(image.file, SHORT)


def break_block(image: Image, name: str, number: int) -> None:
    """Have one block in the middle of a file lie where the disk cannot be read."""
    image.unmount()
    listed = command("debugfs", "-R", f"blocks {name}", image.file).split()
    blocks = [int(word) for word in listed if word.isdigit()]
    assert blocks == [*range(blocks[0], blocks[0] + len(blocks))]
    bad, rest = SHORT // 4096 + 1024, len(blocks) - number - 1
    pieces = [(0, number, blocks[0]), (number, 1, bad), (number + 1, rest, blocks[number + 1])]
    extents = [word for piece in pieces for word in piece]
    for at, word in enumerate([0xF30A | len(pieces) << 16, 4, 0, *extents]):
        command("debugfs", "-w", "-R", f"set_inode_field {name} block[{at}] {word}", image.file)
    image.mount()
    os.truncate(image.file, SHORT)


def sync_all_but(pair: Pair, name: bytes) -> None:
    """A run that does all but one thing, and names what it could not do."""
    done = pair.run("sync", ok=2)
    assert name in done.stdout + done.stderr
    assert (pair.clone / "etc/motd").read_bytes() == b"booted\n"


def test_a_file_that_cannot_be_looked_at_is_not_removed(pair: Pair, fragile: Image) -> None:
    place(fragile, "/srv/broken", 0x7FFFFFFF)
    with pytest.raises(OSError, match=UNREADABLE):
        (pair.booted / "srv/broken").stat()
    put(pair.booted, "etc/motd", b"booted\n")
    for _ in range(2):
        sync_all_but(pair, b"/srv/broken")
        assert (pair.clone / "srv/broken").stat().st_size == MIB


def test_a_record_that_cannot_be_read_is_told_and_kills_no_run(pair: Pair, mounts: Mounts) -> None:
    """Its beginning and its end can be: what lies between was mapped, and then a signal comes."""
    image = mounts.image("records")
    (image.point / "srv").mkdir()
    populate(pair.booted)
    for number in range(200):
        put(pair.booted, f"srv/{number:0200}")
    pair.configure(state_dir=str(image.point / "state"))
    pair.clone_fill()
    put(pair.booted, "etc/motd", b"booted\n")
    break_block(image, "/state/record", 3)
    for verb in ("preview", "sync", "check"):
        done = pair.run(verb, ok=1)
        told = (done.stdout + done.stderr).decode()
        assert f"the record {image.point}/state/record cannot be read: Input/output error" in told
    assert (pair.clone / "etc/motd").read_bytes() != b"booted\n"
    mounts.drop("records")


def test_what_a_directory_that_cannot_be_listed_holds_is_not_removed(
    pair: Pair, fragile: Image
) -> None:
    put(pair.booted, "etc/motd", b"booted\n")
    break_disk(fragile, "/srv/data")
    with pytest.raises(OSError, match=UNREADABLE):
        os.listdir(pair.booted / "srv/data")
    for _ in range(2):
        sync_all_but(pair, b"/srv/data")
        assert len(os.listdir(pair.clone / "srv/data")) == 20


def test_a_file_that_cannot_be_read_is_named_and_the_rest_is_copied(
    pair: Pair, fragile: Image, rsync: str
) -> None:
    put(pair.booted, "etc/motd", b"booted\n")
    (pair.booted / "srv/broken").touch()
    break_disk(fragile, "/srv/broken")
    with pytest.raises(OSError, match=UNREADABLE):
        (pair.booted / "srv/broken").read_bytes()
    for _ in range(2):
        sync_all_but(pair, b"/srv/broken")
        assert (pair.clone / "srv/broken").stat().st_size == MIB
        assert pair.temporary_files() == []
