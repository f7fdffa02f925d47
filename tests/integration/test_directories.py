"""Directories: listed when new or changed in themselves; their times follow what is copied."""

from __future__ import annotations

import os
import shutil

import pytest

from .lab.files import LONG_AGO, put, set_mtime, setfacl
from .lab.pair import Pair

both_versions = pytest.mark.usefixtures("rsync")


def mode(pair: Pair, name: str) -> int:
    return (pair.clone / name).stat().st_mode & 0o7777


@both_versions
def test_a_new_mode_alone_is_copied_without_the_contents(filled: Pair) -> None:
    (filled.booted / "srv/data").chmod(0o2750)
    put(filled.clone, "srv/data/07", b"clone\n")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data"]
    assert filled.report("clone_only") == [b"/srv/data/07"]
    assert filled.differences("srv/data/07") == []
    assert filled.sync()["copied"] == 0


def test_a_new_owner_alone_is_copied(filled: Pair) -> None:
    os.chown(filled.booted / "srv/data", 1001, 1002)
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data"]
    assert filled.differences() == []


@both_versions
def test_a_new_acl_alone_is_copied(filled: Pair) -> None:
    setfacl(filled.booted / "srv/data", "-m", "u:1001:rwx")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data"]
    assert filled.differences() == []


def test_a_new_default_acl_alone_is_copied(filled: Pair) -> None:
    setfacl(filled.booted / "srv/data", "-m", "d:u:1001:rwx")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data"]
    assert filled.differences() == []


@both_versions
def test_a_default_acl_on_the_clone_does_not_shape_what_is_copied(filled: Pair) -> None:
    setfacl(filled.clone / "srv/data", "-m", "d:u:1001:rwx")
    put(filled.booted, "srv/data/new", mode=0o600)
    filled.sync()
    assert filled.differences("srv/data") == []


def test_a_new_attribute_alone_is_copied(filled: Pair) -> None:
    os.setxattr(filled.booted / "srv/data", "user.purpose", b"test")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/srv/data"]
    assert filled.differences() == []


def test_a_time_alone_is_no_difference_on_either_side(filled: Pair) -> None:
    set_mtime(filled.booted / "srv/data", LONG_AGO)
    set_mtime(filled.clone / "etc", LONG_AGO)
    filled.sync()
    assert filled.reports() == {}


@both_versions
def test_the_time_follows_what_is_copied_into_it(filled: Pair) -> None:
    put(filled.booted, "srv/data/new")
    set_mtime(filled.booted / "srv/data", LONG_AGO)
    filled.sync()
    assert (filled.clone / "srv/data").stat().st_mtime_ns == LONG_AGO


@both_versions
def test_new_directories_arrive_with_their_times(filled: Pair) -> None:
    put(filled.booted, "opt/new/deep/file")
    (filled.booted / "opt/empty").mkdir(0o711)
    for name in ("opt/new/deep", "opt/new", "opt/empty", "opt"):
        set_mtime(filled.booted / name, LONG_AGO)
    filled.sync()
    assert filled.report("to_be_copied") == [
        b"/opt",
        b"/opt/empty",
        b"/opt/new",
        b"/opt/new/deep",
        b"/opt/new/deep/file",
    ]
    booted, clone = filled.both(directory_times=True)
    assert {p: e for p, e in booted.items() if p.startswith(b"opt")} == {
        p: e for p, e in clone.items() if p.startswith(b"opt")
    }


@both_versions
def test_a_mode_changed_on_the_clone_survives_a_copy_into_it(filled: Pair) -> None:
    (filled.clone / "srv/data").chmod(0o700)
    os.chown(filled.clone / "srv/data", 1001, 1002)
    setfacl(filled.clone / "srv/data", "-m", "u:1003:rx")
    put(filled.booted, "srv/data/new")
    put(filled.booted, "srv/data/07", b"changed\n")
    kept = filled.both()[1][b"srv/data"]
    filled.sync()
    # The new file moved the booted directory's change time: its ACL may have changed as well.
    assert filled.report("clone_only") + filled.report("target_changed") == [b"/srv/data"]
    assert filled.report("to_be_copied") == [b"/srv/data/07", b"/srv/data/new"]
    assert filled.both()[1][b"srv/data"] == kept
    assert filled.differences("srv/data") == []


def test_a_mode_changed_on_the_clone_survives_a_removal_from_it(filled: Pair) -> None:
    (filled.clone / "srv/data").chmod(0o700)
    (filled.booted / "srv/data/07").unlink()
    filled.sync()
    assert mode(filled, "srv/data") == 0o700
    assert not (filled.clone / "srv/data/07").exists()


def test_a_mode_changed_on_both_sides_stays_the_clones(filled: Pair) -> None:
    (filled.clone / "srv/data").chmod(0o700)
    (filled.booted / "srv/data").chmod(0o711)
    put(filled.booted, "srv/data/new")
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/data"]
    assert mode(filled, "srv/data") == 0o700
    assert (filled.clone / "srv/data/new").exists()


@both_versions
def test_modes_changed_on_the_clone_survive_at_every_level_above_a_copy(filled: Pair) -> None:
    for level, name in enumerate(("var", "var/spool", "var/spool/app", "var/spool/app/queue")):
        (filled.clone / name).chmod(0o700 + level)
    put(filled.booted, "var/spool/app/queue/next")
    filled.sync()
    assert [
        mode(filled, name) for name in ("var", "var/spool", "var/spool/app", "var/spool/app/queue")
    ] == [0o700, 0o701, 0o702, 0o703]


def test_an_erased_directory_is_removed_with_all_below(filled: Pair) -> None:
    shutil.rmtree(filled.booted / "var/spool")
    filled.sync()
    assert filled.report("erased") == [
        b"/var/spool",
        b"/var/spool/app",
        b"/var/spool/app/queue",
        b"/var/spool/app/queue/job",
    ]
    assert filled.differences() == []


def test_an_erased_directory_stays_for_what_is_the_clones_own(filled: Pair) -> None:
    put(filled.clone, "srv/data/own", b"clone\n")
    shutil.rmtree(filled.booted / "srv/data")
    filled.sync()
    assert [entry.name for entry in (filled.clone / "srv/data").iterdir()] == ["own"]
    again = filled.sync()
    assert again["copied"] == again["deleted"] == 0
    assert (filled.clone / "srv/data/own").read_bytes() == b"clone\n"


def test_an_erased_directory_changed_on_the_clone_stays(filled: Pair) -> None:
    (filled.clone / "srv/data").chmod(0o700)
    shutil.rmtree(filled.booted / "srv/data")
    filled.sync()
    assert b"/srv/data" in filled.report("target_changed")
    assert mode(filled, "srv/data") == 0o700


def test_a_renamed_directory_is_copied_and_its_old_name_removed(filled: Pair) -> None:
    (filled.booted / "srv/data").rename(filled.booted / "srv/archive")
    filled.sync()
    assert filled.differences() == []


@both_versions
def test_listing_a_directory_never_brings_what_was_trimmed_below(filled: Pair) -> None:
    """rsync copies the contents of a name with a trailing slash; the list must have none."""
    filled.configure(exclude_list=["/opt/new/excluded"])
    put(filled.booted, "opt/new/excluded/file")
    put(filled.booted, "opt/new/included/file")
    filled.sync()
    assert not (filled.clone / "opt/new/excluded").exists()
    assert (filled.clone / "opt/new/included/file").exists()
