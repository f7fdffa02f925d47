"""A clone without room: said before the copy where it can be known, survived where not."""

from __future__ import annotations

import os

import pytest

from .lab.files import populate, put
from .lab.images import MIB
from .lab.mounts import Mounts
from .lab.pair import Pair
from .lab.rsync import interpose, interposed


@pytest.fixture
def tight(pair: Pair, mounts: Mounts) -> Pair:
    """A filled clone of 12 MiB and, on it, a file of its own that leaves about 2 MiB free."""
    small = mounts.image("small", 12 * MIB)
    pair.clone = small.point
    pair.configure(clone={"root": str(small.point)})
    populate(pair.booted)
    pair.clone_fill()
    free = os.statvfs(pair.clone)
    fill(pair, free.f_bavail * free.f_frsize - 2 * MIB)
    return pair


@pytest.fixture
def few(pair: Pair, mounts: Mounts) -> Pair:
    """A booted tree, and an empty clone of 128 inodes."""
    image = mounts.image("few-inodes", 16 * MIB, inodes=128)
    pair.clone = image.point
    pair.configure(clone={"root": str(image.point)})
    populate(pair.booted)
    return pair


def fill(pair: Pair, size: int) -> None:
    with (pair.clone / "own").open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size)


def test_one_file_without_room_is_named_and_all_else_is_copied(tight: Pair, rsync: str) -> None:
    put(tight.booted, "srv/large", os.urandom(4 * MIB))
    put(tight.booted, "etc/motd", b"booted\n")
    previewed = tight.run("preview", ok=2).stderr
    told = tight.run("sync", ok=2).stderr
    for said in (previewed, told):
        assert said.count(b"there is no room for it: the clone's / has ") == 1
        assert b"/srv/large" in said
        assert b"make room on the clone, or exclude it" in said
    assert tight.differences("own", "srv/large") == []
    assert tight.temporary_files() == []
    (tight.clone / "own").unlink()
    tight.sync()
    assert tight.differences() == []


def test_an_image_in_which_a_block_changed_has_room_without_its_old_copy(tight: Pair) -> None:
    (tight.clone / "own").unlink()
    image = put(tight.booted, "srv/image", os.urandom(6 * MIB))
    tight.sync()
    with image.open("r+b") as file:
        file.write(b"changed")
    put(tight.booted, "etc/shadow", b"changed\n")
    told = tight.run("sync", ok=2).stderr
    assert b"/srv/image could not be copied: there is no room for it" in told
    assert b"erase the clone's copy, and the next sync copies the booted one" in told
    assert tight.differences("srv/image") == []
    assert tight.run("check", ok=1).stdout.count(b"1 of 1 paths are left out") == 1
    (tight.clone / "srv/image").unlink()
    tight.sync()
    assert tight.differences() == []


def test_what_belongs_to_a_file_without_room_is_left_out_with_it(tight: Pair) -> None:
    """And its journal stays: without it the clone's old database would have lost what is there."""
    put(tight.booted, "srv/db", os.urandom(64 << 10))
    wal = put(tight.booted, "srv/db-wal", b"old\n")
    tight.sync()
    put(tight.booted, "srv/db", os.urandom(4 * MIB))
    wal.unlink()
    put(tight.booted, "srv/db-journal", b"new\n")
    put(tight.booted, "etc/motd", b"booted\n")
    tight.sync(ok=2)
    assert (tight.clone / "srv/db-wal").read_bytes() == b"old\n"
    assert not (tight.clone / "srv/db-journal").exists()
    assert tight.differences("own", *(f"srv/{n}" for n in ("db", "db-wal", "db-journal"))) == []


def test_what_replaces_a_file_of_the_same_size_needs_room_for_both(tight: Pair) -> None:
    """rsync writes the new file beside the old one before it takes its place."""
    put(tight.booted, "etc/motd", os.urandom(MIB))
    tight.sync()
    put(tight.booted, "etc/motd", os.urandom(MIB // 2))
    tight.sync()
    assert tight.differences("own") == []


@pytest.mark.parametrize("together", [True, False])
def test_what_is_to_be_removed_makes_room_first_where_it_is_needed(
    tight: Pair, together: bool
) -> None:
    """Such as a database that writes a table again."""
    directory = "var/lib/mysql" if together else "srv/data"
    old = put(tight.booted, f"{directory}/table.1", os.urandom(MIB * 3 // 2))
    tight.sync()
    old.unlink()
    put(tight.booted, f"{directory}/table.2", os.urandom(MIB * 3 // 2))
    assert tight.sync()["deleted"] == 1
    assert tight.differences("own") == []


def test_what_makes_room_takes_no_other_name_of_its_file_along(tight: Pair) -> None:
    first = put(tight.booted, "srv/first", b"old\n")
    os.link(first, tight.booted / "srv/second")
    large = put(tight.booted, "srv/large", os.urandom(MIB * 3 // 2))
    tight.sync()
    first.unlink()
    large.unlink()
    put(tight.booted, "srv/second", b"new\n")
    put(tight.booted, "srv/larger", os.urandom(MIB * 3 // 2))
    tight.sync()
    assert tight.reports().keys() <= {"to_be_copied", "erased"}
    assert tight.differences("own") == []
    assert tight.sync()["copied"] == 0


def test_directories_need_room_as_well(tight: Pair) -> None:
    there = os.statvfs(tight.clone)
    put(tight.clone, "own-too", bytes(there.f_bavail * there.f_frsize - 400_000))
    for number in range(600):
        (tight.booted / f"srv/many/{number}").mkdir(parents=True)
    told = tight.run("sync", ok=2).stderr
    assert b"there is no room for it" in told
    made = len(list((tight.clone / "srv/many").iterdir()))
    assert 0 < made < 100
    assert told.count(b"could not be copied") == 600 - made
    for own in ("own", "own-too"):
        (tight.clone / own).unlink()
    tight.sync()
    assert tight.differences() == []


def test_with_too_few_inodes_what_fits_is_copied(few: Pair) -> None:
    few.clone_fill()
    for number in range(200):
        put(few.booted, f"srv/many/{number}", b"")
    told = few.run("sync", ok=2).stderr
    assert b"0 free inodes, and up to 1 are needed" in told
    assert b"MB" not in told
    copied = len(list((few.clone / "srv/many").iterdir()))
    assert 20 < copied < 110
    assert told.count(b"could not be copied") == 200 - copied


def brim(pair: Pair) -> None:
    """Fill the clone until nobody gets a block."""
    for size in (1 << 20, 4096, 1):
        with (pair.clone / f"brim-{size}").open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                continue


def test_what_was_erased_is_removed_from_a_clone_without_a_free_block(tight: Pair) -> None:
    old = put(tight.booted, "srv/data/big", os.urandom(MIB))
    tight.sync()
    brim(tight)
    old.unlink()
    put(tight.booted, "srv/data/new", os.urandom(MIB // 2))
    tight.sync()
    own = ["own", *(f"brim-{size}" for size in (1 << 20, 4096, 1))]
    assert tight.differences(*own) == []


def test_what_was_erased_is_removed_from_a_clone_without_a_free_inode(few: Pair) -> None:
    for number in range(20):
        put(few.booted, f"srv/many/{number}", b"")
    few.clone_fill()
    own = 0
    while os.statvfs(few.clone).f_ffree:
        (few.clone / f"own{own}").touch()
        own += 1
    for number in range(20):
        (few.booted / f"srv/many/{number}").unlink()
    assert few.sync()["deleted"] == 20
    assert few.differences(*(f"own{number}" for number in range(own))) == []


def test_a_name_does_not_hide_that_there_is_no_room(tight: Pair) -> None:
    """rsync's reason stands at the end of its message, after the name."""
    put(tight.booted, "srv/No such file or directory", os.urandom(300_000))
    interpose(tight, before=f"dd if=/dev/zero of={tight.clone}/filler bs=64k")
    told = tight.run("sync", ok=2).stderr
    assert interposed(tight)
    assert b"/srv/No such file or directory could not be copied: No space left" in told


def test_of_several_files_that_find_no_room_each_is_named_and_deletions_go_on(tight: Pair) -> None:
    put(tight.booted, "srv/old", b"old\n")
    tight.sync()
    (tight.booted / "srv/old").unlink()
    for number in range(8):
        put(tight.booted, f"srv/large/{number}", os.urandom(200_000))
    interpose(tight, before=f"dd if=/dev/zero of={tight.clone}/filler bs=64k")
    told = tight.run("sync", ok=2).stderr
    assert interposed(tight)
    assert b"not reached" not in told
    copied = len(list((tight.clone / "srv/large").iterdir()))
    assert told.count(b"could not be copied: No space left on device") == 8 - copied
    assert not (tight.clone / "srv/old").exists()


def test_a_clone_that_fills_up_during_the_copy_is_put_right_later(tight: Pair, rsync: str) -> None:
    put(tight.clone, "etc/hosts", b"clone\n")
    put(tight.booted, "etc/hosts", b"booted\n")
    put(tight.booted, "etc/motd", b"booted\n")
    put(tight.booted, "srv/large", os.urandom(MIB))
    put(tight.booted, "srv/data/07", b"booted\n" * 100)
    filler = tight.clone / "filler"
    interpose(tight, before=f"dd if=/dev/zero of={filler} bs=64k; dd if=/dev/zero of={filler}.2")
    told = tight.run("sync", ok=2).stderr
    assert interposed(tight)
    assert b"/srv/large could not be copied: No space left on device" in told
    assert (tight.clone / "etc/hosts").read_bytes() == b"clone\n"
    for extra in ("filler", "filler.2"):
        (tight.clone / extra).unlink()
    tight.sync()
    assert tight.report("target_changed") == [b"/etc/hosts"]
    assert tight.differences("own", "etc/hosts") == []
    assert tight.temporary_files() == []


def test_a_fill_without_room_fails_and_says_so(pair: Pair, mounts: Mounts) -> None:
    small = mounts.image("small", 12 * MIB)
    pair.clone = small.point
    pair.configure(clone={"root": str(small.point)})
    populate(pair.booted)
    put(pair.booted, "srv/large", os.urandom(20 * MIB))
    done = pair.run("clone", ok=1)
    assert b"room" in done.stderr.lower()
    (pair.booted / "srv/large").unlink()
    pair.run("clone", "--overwrite")
    assert pair.differences() == []


def test_a_fill_without_inodes_fails_and_says_so(few: Pair) -> None:
    for number in range(200):
        put(few.booted, f"srv/many/{number}", b"")
    told = few.run("clone", ok=1).stderr.lower()
    assert b"room" in told and b"free inodes" in told
    assert not (few.clone / "etc").exists()
    few.configure(exclude_list=["/srv/many"])
    few.clone_fill()
    assert (few.clone / "etc/motd").exists()


def test_what_is_excluded_needs_no_room_on_any_volume(pair: Pair, mounts: Mounts) -> None:
    for root, name, size in ((pair.booted, "booted-var", 64), (pair.clone, "small", 12)):
        (root / "var").mkdir()
        mounts.image_at(name, root / "var", size * MIB)
    populate(pair.booted)
    put(pair.booted, "var/cache/large", os.urandom(20 * MIB))
    pair.configure(booted={"volumes": ["/", "/var"]})
    assert b"the clone's /var has" in pair.run("clone", ok=1).stderr
    pair.configure(exclude_list=["/var/cache"])
    pair.clone_fill()
    assert (pair.clone / "var/lib/app/state").read_bytes() == b"7\n"
