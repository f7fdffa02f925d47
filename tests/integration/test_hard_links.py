"""Groups of hard links that grow, shrink and change reach the clone as groups."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from .lab.files import put, rewrite_unnoticed
from .lab.pair import Pair
from .lab.rsync import interpose, interposed

both_versions = pytest.mark.usefixtures("rsync")


@pytest.fixture
def linked(pair: Pair) -> Pair:
    """A clone of a tree with one group of three names, in two directories."""
    for number in range(10):
        put(pair.booted, f"etc/other/{number}")
    put(pair.booted, "one/a", b"linked\n")
    (pair.booted / "two").mkdir()
    os.link(pair.booted / "one/a", pair.booted / "one/b")
    os.link(pair.booted / "one/a", pair.booted / "two/c")
    pair.clone_fill()
    return pair


def assert_follows(pair: Pair) -> None:
    pair.sync()
    assert pair.report("target_changed") == []
    assert pair.differences() == []
    again = pair.sync()
    assert again["copied"] == again["deleted"] == 0


def inode(path: Path) -> int:
    return path.stat().st_ino


@both_versions
def test_the_fill_keeps_them(linked: Pair) -> None:
    assert linked.differences() == []
    assert (linked.clone / "one/a").stat().st_nlink == 3


@both_versions
def test_a_group_grows(linked: Pair) -> None:
    os.link(linked.booted / "one/a", linked.booted / "two/d")
    assert_follows(linked)


@both_versions
def test_a_group_grows_in_a_directory_made_for_it(linked: Pair) -> None:
    (linked.booted / "three/deep").mkdir(parents=True)
    os.link(linked.booted / "one/a", linked.booted / "three/deep/d")
    assert_follows(linked)


@both_versions
def test_a_group_shrinks(linked: Pair) -> None:
    (linked.booted / "one/b").unlink()
    assert_follows(linked)


def test_a_group_shrinks_to_a_single_name(linked: Pair) -> None:
    (linked.booted / "one/b").unlink()
    (linked.booted / "one/a").unlink()
    assert_follows(linked)


def test_a_name_moves_to_another_directory(linked: Pair) -> None:
    (linked.booted / "one/b").rename(linked.booted / "two/b")
    assert_follows(linked)


@both_versions
def test_new_contents_reach_every_name(linked: Pair) -> None:
    (linked.booted / "one/b").write_bytes(b"changed through one name\n")
    assert_follows(linked)


@both_versions
def test_contents_changed_unnoticed_reach_every_name(linked: Pair) -> None:
    rewrite_unnoticed(linked.booted / "two/c")
    assert_follows(linked)


@both_versions
def test_a_new_mode_reaches_every_name(linked: Pair) -> None:
    (linked.booted / "one/b").chmod(0o600)
    assert_follows(linked)


@both_versions
def test_one_name_becomes_a_file_of_its_own_with_the_same_contents(linked: Pair) -> None:
    shutil.copy2(linked.booted / "one/a", linked.booted / "alone")
    (linked.booted / "alone").rename(linked.booted / "one/a")
    assert_follows(linked)


def test_one_name_becomes_a_file_of_its_own_with_other_contents(linked: Pair) -> None:
    (linked.booted / "one/a").unlink()
    put(linked.booted, "one/a", b"alone\n")
    assert_follows(linked)


def test_files_with_the_same_contents_become_one_group(linked: Pair) -> None:
    for name in ("other/1", "other/2"):
        (linked.booted / "etc" / name).unlink()
        os.link(linked.booted / "etc/other/0", linked.booted / "etc" / name)
    assert_follows(linked)


@both_versions
def test_two_groups_trade_a_name(linked: Pair) -> None:
    put(linked.booted, "three/x", b"second group\n")
    os.link(linked.booted / "three/x", linked.booted / "three/y")
    linked.sync()
    (linked.booted / "one/b").unlink()
    (linked.booted / "three/y").unlink()
    os.link(linked.booted / "one/a", linked.booted / "three/y")
    os.link(linked.booted / "three/x", linked.booted / "one/b")
    assert_follows(linked)


@both_versions
def test_links_of_symbolic_links_and_devices_are_kept(linked: Pair) -> None:
    (linked.booted / "one/link").symlink_to("a")
    os.link(linked.booted / "one/link", linked.booted / "two/link", follow_symlinks=False)
    os.mknod(linked.booted / "one/null", 0o20666, os.makedev(1, 3))
    os.link(linked.booted / "one/null", linked.booted / "two/null")
    assert_follows(linked)


def test_a_name_erased_on_the_clone_comes_back_as_a_link(linked: Pair) -> None:
    (linked.clone / "one/b").unlink()
    linked.sync()
    assert linked.differences() == []
    assert inode(linked.clone / "one/b") == inode(linked.clone / "one/a")


def test_a_name_the_clone_made_a_file_of_its_own_is_kept(linked: Pair) -> None:
    (linked.clone / "one/b").unlink()
    put(linked.clone, "one/b", b"clone\n")
    (linked.booted / "one/a").write_bytes(b"booted\n")
    linked.sync()
    assert (linked.clone / "one/b").read_bytes() == b"clone\n"
    # The others are one link fewer than drdwrap put: they may pass for changed as well.
    assert b"/one/b" in linked.report("target_changed")
    told = {"one/b", *(path.decode()[1:] for path in linked.report("target_changed"))}
    assert linked.differences(*told) == []
    assert inode(linked.clone / "one/a") == inode(linked.clone / "two/c")


def test_a_change_made_on_the_clone_through_one_name_counts_for_all(linked: Pair) -> None:
    (linked.clone / "one/b").write_bytes(b"clone\n")
    (linked.booted / "two/c").write_bytes(b"booted\n")
    linked.sync()
    assert linked.report("target_changed") == [b"/one/a", b"/one/b", b"/two/c"]
    assert {(linked.clone / n).read_bytes() for n in ("one/a", "one/b", "two/c")} == {b"clone\n"}


@both_versions
def test_a_new_mode_does_not_reach_the_clones_own_name_of_the_file(linked: Pair) -> None:
    """The administrator's extra link shares the inode: changing it in place changes theirs."""
    os.link(linked.clone / "one/a", linked.clone / "own")
    (linked.booted / "one/a").chmod(0o600)
    linked.sync()
    assert (linked.clone / "own").stat().st_mode & 0o7777 == 0o644
    assert (linked.clone / "own").read_bytes() == b"linked\n"


def test_new_contents_do_not_reach_the_clones_own_name_of_the_file(linked: Pair) -> None:
    os.link(linked.clone / "one/a", linked.clone / "own")
    (linked.booted / "one/a").write_bytes(b"booted\n")
    linked.sync()
    assert (linked.clone / "own").read_bytes() == b"linked\n"


def test_a_name_in_a_location_stays_out_of_it(linked: Pair) -> None:
    (linked.booted / "boot").mkdir()
    os.link(linked.booted / "one/a", linked.booted / "boot/a")
    (linked.booted / "one/a").write_bytes(b"changed\n")
    linked.sync()
    assert linked.report("location") == [b"/boot/a"]
    assert not (linked.clone / "boot/a").exists()
    assert (linked.clone / "two/c").read_bytes() == b"changed\n"
    assert inode(linked.clone / "one/a") == inode(linked.clone / "two/c")


def test_a_name_in_a_location_that_is_linked_otherwise_is_reported(linked: Pair) -> None:
    """Nothing links it on the clone: a file of its own is all that the new name can be there."""
    (linked.booted / "boot").mkdir()
    os.link(linked.booted / "one/a", linked.booted / "boot/a")
    linked.run("clone", "--overwrite")
    (linked.booted / "one/a").rename(linked.booted / "one/new")
    for _ in range(3):
        linked.sync()
        assert linked.report("location") == [b"/boot/a"]
    assert (linked.clone / "one/new").read_bytes() == b"linked\n"
    assert linked.both()[1][b"boot/a"].links == frozenset()


def test_an_excluded_name_stays_out_of_it(linked: Pair) -> None:
    linked.configure(exclude_list=["*.bak"])
    os.link(linked.booted / "one/a", linked.booted / "one/a.bak")
    (linked.booted / "one/a").write_bytes(b"changed\n")
    linked.sync()
    assert not (linked.clone / "one/a.bak").exists()
    assert linked.differences("one/a.bak", "one/a", "one/b", "two/c") == []
    assert (linked.clone / "one/b").read_bytes() == b"changed\n"
    assert linked.sync()["copied"] == 0


@pytest.mark.parametrize("other", ["boot/a", "srv/a.bak"])
def test_new_attributes_do_not_reach_a_name_that_is_not_synchronized(
    pair: Pair, other: str
) -> None:
    """In a location, or excluded: rsync would give them to the one file that both are."""
    put(pair.booted, "srv/a", b"linked\n")
    for number in range(20):
        put(pair.booted, f"etc/other/{number}")
    (pair.booted / "boot").mkdir()
    (pair.booted / other).hardlink_to(pair.booted / "srv/a")
    pair.clone_fill()
    pair.configure(exclude_list=["*.bak"])
    pair.sync()
    (pair.booted / "srv/a").chmod(0o600)
    pair.sync()
    assert (pair.clone / "srv/a").stat().st_mode & 0o777 == 0o600
    assert (pair.clone / other).stat().st_mode & 0o777 == 0o644


@both_versions
@pytest.mark.parametrize("gone", [["one/a"], ["one/a", "one/b"], ["one/a", "one/b", "two/c"]])
def test_names_that_vanish_while_rsync_copies_cost_nothing_else(
    linked: Pair, gone: list[str]
) -> None:
    """rsync gives up a list with three names of a file that it cannot read."""
    put(linked.booted, "etc/first", os.urandom(4 << 20))
    put(linked.booted, "zz/last", b"booted\n")
    (linked.booted / "two/c").write_bytes(b"changed\n")
    left = {"one/a", "one/b", "two/c"} - set(gone)
    linked.configure(rsync={"options": ["--bwlimit=2000"]})
    names = " ".join(str(linked.booted / name) for name in gone)
    interpose(linked, before=f"(sleep 1; rm {names}) &")
    linked.sync()
    assert interposed(linked)
    assert not (linked.booted / "one/a").exists()
    assert (linked.clone / "zz/last").read_bytes() == b"booted\n"
    for name in left:
        assert (linked.clone / name).read_bytes() == b"changed\n"
    assert_follows(linked)
