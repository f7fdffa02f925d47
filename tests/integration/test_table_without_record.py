"""The table's rows on a clone that another tool made: nothing is known of who changed what."""

from __future__ import annotations

import shutil

from .lab.files import put
from .lab.pair import Pair


def test_identical_files_are_in_step_and_recorded(twins: Pair) -> None:
    counts = twins.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert counts["in_step"] == counts["initial"]
    assert twins.reports() == {}
    put(twins.booted, "etc/motd", b"booted\n")
    assert twins.sync()["copied"] == 1
    assert twins.differences() == []


def test_what_the_clone_lacks_is_copied(twins: Pair, rsync: str) -> None:
    put(twins.booted, "etc/cron.d/backup", b"@daily root backup\n")
    (twins.clone / "etc/motd").unlink()
    shutil.rmtree(twins.clone / "home")
    twins.sync()
    assert twins.report("target_changed") == []
    assert twins.differences() == []


def test_what_differs_is_target_changed(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    put(twins.clone, "etc/hosts", b"clone\n")
    (twins.clone / "etc/hostname").chmod(0o600)
    before = twins.both()[1]
    for _ in range(2):
        assert twins.sync()["copied"] == 0
        assert twins.reports() == {
            "target_changed": [b"/etc/hostname", b"/etc/hosts", b"/etc/motd"]
        }
        assert twins.both()[1] == before


def test_another_modification_time_is_a_difference(twins: Pair) -> None:
    (twins.booted / "etc/motd").touch()
    assert twins.sync()["copied"] == 0
    assert twins.reports() == {"target_changed": [b"/etc/motd"]}


def test_a_target_changed_file_is_copied_once_it_is_erased_on_the_clone(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    twins.sync()
    (twins.clone / "etc/motd").unlink()
    assert twins.sync()["copied"] == 1
    assert twins.differences() == []


def test_what_the_clone_alone_has_is_its_own(twins: Pair) -> None:
    put(twins.clone, "etc/own", b"clone\n")
    (twins.booted / "etc/motd").unlink()
    counts = twins.sync()
    assert counts["deleted"] == 0
    assert twins.reports() == {}
    assert (twins.clone / "etc/motd").exists()
    assert (twins.clone / "etc/own").exists()


def test_another_type_is_target_changed_with_all_below(twins: Pair) -> None:
    put(twins.booted, "srv/new/file", b"booted\n")
    put(twins.clone, "srv/new", b"clone\n")
    twins.sync()
    assert twins.report("to_be_copied") == []
    assert twins.report("target_changed") == [b"/srv/new", b"/srv/new/file"]
    assert (twins.clone / "srv/new").read_bytes() == b"clone\n"


def test_a_directory_that_differs_keeps_its_mode_while_files_are_copied_into_it(
    twins: Pair, rsync: str
) -> None:
    (twins.clone / "srv/data").chmod(0o700)
    put(twins.booted, "srv/data/new", b"new\n")
    twins.sync()
    assert twins.report("target_changed") == [b"/srv/data"]
    assert twins.report("to_be_copied") == [b"/srv/data/new"]
    assert (twins.clone / "srv/data/new").read_bytes() == b"new\n"
    assert (twins.clone / "srv/data").stat().st_mode & 0o7777 == 0o700
