"""Owners that differ: the same number is another account on the clone."""

from __future__ import annotations

import os

import pytest

from .lab.dpkg_root import ONE, TWO, DpkgRoot
from .lab.files import populate, put
from .lab.pair import Pair

PASSWD = b"root:x:0:0::/root:/bin/sh\npostgres:x:120:130::/:/bin/sh\nann:x:1001:1001::/:/bin/sh\n"
GROUP = b"root:x:0:\npostgres:x:130:\nann:x:1001:\n"


@pytest.fixture
def peopled(pair: Pair) -> Pair:
    """On the clone, 120 and 130 have come to be another's."""
    populate(pair.booted)
    put(pair.booted, "etc/passwd", PASSWD)
    put(pair.booted, "etc/group", GROUP)
    pair.clone_fill()
    put(pair.clone, "etc/passwd", PASSWD.replace(b"postgres", b"mysql"))
    put(pair.clone, "etc/group", GROUP.replace(b"postgres", b"mysql"))
    return pair


def owned(pair: Pair, name: str, uid: int, gid: int) -> None:
    os.chown(put(pair.booted, name, b"booted\n"), uid, gid)


def test_a_file_of_a_number_with_another_name_is_not_copied(peopled: Pair) -> None:
    owned(peopled, "srv/by-user", 120, 0)
    owned(peopled, "srv/by-group", 0, 130)
    owned(peopled, "srv/by-ann", 1001, 1001)
    counts = peopled.sync()
    assert counts["owner"] == 2
    assert peopled.report("owner") == [b"/srv/by-group", b"/srv/by-user"]
    assert peopled.report("to_be_copied") == [b"/srv/by-ann"]
    assert not (peopled.clone / "srv/by-user").exists()


def test_it_is_copied_once_the_names_agree(peopled: Pair) -> None:
    owned(peopled, "srv/by-user", 120, 130)
    peopled.sync()
    put(peopled.clone, "etc/passwd", PASSWD)
    put(peopled.clone, "etc/group", GROUP)
    peopled.sync()
    assert peopled.report("owner") == []
    assert (peopled.clone / "srv/by-user").stat().st_uid == 120


def test_a_change_on_the_clone_is_reported_first(peopled: Pair) -> None:
    put(peopled.clone, "srv/data/07", b"clone\n")
    owned(peopled, "srv/data/07", 120, 130)
    peopled.sync()
    assert peopled.report("target_changed") == [b"/srv/data/07"]
    assert peopled.report("owner") == []


def test_trees_without_accounts_have_no_owners_that_differ(filled: Pair) -> None:
    owned(filled, "srv/file", 120, 130)
    filled.sync()
    assert filled.report("owner") == []
    assert filled.differences() == []


def test_a_directory_that_such_a_link_was_to_replace_keeps_what_is_in_it(peopled: Pair) -> None:
    """Neither the link comes nor do the files go, which stand in a report."""
    put(peopled.booted, "srv/app/current/file", b"booted\n")
    peopled.sync()
    current = peopled.booted / "srv/app/current"
    (current / "file").unlink()
    current.rmdir()
    current.symlink_to("/opt/app")
    os.chown(current, 120, 0, follow_symlinks=False)
    peopled.sync()
    assert peopled.report("owner") == [b"/srv/app/current"]
    assert peopled.report("target_changed") == [b"/srv/app/current/file"]
    assert (peopled.clone / "srv/app/current/file").read_bytes() == b"booted\n"
    os.chown(current, 0, 0, follow_symlinks=False)
    peopled.sync()
    assert (peopled.clone / "srv/app/current").is_symlink()


def test_account_files_that_are_held_after_all_do_not_let_owners_through(pair: Pair) -> None:
    """The one is held with the other, whose template differs."""
    populate(pair.booted)
    put(pair.booted, "etc/passwd", PASSWD)
    put(pair.booted, "etc/group", GROUP)
    pair.clone_fill()
    for side, template in ((pair.booted, ONE), (pair.clone, TWO)):
        root = DpkgRoot.make(side)
        root.package("setup", "/etc/group", conffiles=(f"/etc/group {template}",))
    pair.configure(packages="dpkg")
    put(pair.booted, "etc/passwd", PASSWD.replace(b"postgres", b"mysql"))
    put(pair.booted, "etc/group", GROUP.replace(b"postgres", b"mysql"))
    owned(pair, "srv/by-user", 120, 0)
    pair.sync()
    assert pair.report("volatile") == [b"/etc/group"]
    assert pair.report("target_changed") == [b"/etc/passwd"]
    assert pair.report("owner") == [b"/srv/by-user"]
