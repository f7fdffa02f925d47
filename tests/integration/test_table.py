"""Every row of the spec's table, with a record: B is the booted side, C the clone's."""

from __future__ import annotations

import shutil

import pytest

from .lab.files import LONG_AGO, put, set_mtime
from .lab.pair import Pair


def copy_file(pair: Pair, name: str) -> None:
    shutil.copy2(pair.booted / name, pair.clone / name)


def test_both_same_is_in_step(filled: Pair) -> None:
    counts = filled.sync()
    assert counts["copied"] == counts["deleted"] == counts["files_to_be_copied"] == 0
    assert counts["in_step"] == counts["initial"] > 20
    assert filled.reports() == {}


def test_changed_and_same_is_copied(filled: Pair, rsync: str) -> None:
    put(filled.booted, "etc/motd", b"good morning\n")
    assert filled.sync()["copied"] == 1
    assert filled.reports() == {"to_be_copied": [b"/etc/motd"]}
    assert filled.differences() == []


def test_new_and_absent_is_copied(filled: Pair, rsync: str) -> None:
    put(filled.booted, "etc/cron.d/backup", b"@daily root backup\n")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/etc/cron.d", b"/etc/cron.d/backup"]
    assert filled.differences() == []


def test_new_and_identical_is_recorded_without_a_copy(filled: Pair) -> None:
    put(filled.booted, "etc/issue", b"Debian\n", mtime_ns=LONG_AGO)
    put(filled.clone, "etc/issue", b"Debian\n", mtime_ns=LONG_AGO)
    before = (filled.clone / "etc/issue").stat()
    assert filled.sync()["copied"] == 0
    assert filled.reports() == {}
    after = (filled.clone / "etc/issue").stat()
    assert (after.st_ino, after.st_ctime_ns) == (before.st_ino, before.st_ctime_ns)
    # Only what is recorded can be told to be untouched on the clone.
    put(filled.booted, "etc/issue", b"Debian 13\n")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_new_and_different_is_target_changed(filled: Pair) -> None:
    put(filled.booted, "etc/issue", b"booted\n")
    put(filled.clone, "etc/issue", b"clone\n")
    assert filled.sync()["copied"] == 0
    assert filled.reports() == {"target_changed": [b"/etc/issue"]}
    assert (filled.clone / "etc/issue").read_bytes() == b"clone\n"


def test_both_changed_is_target_changed(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    for _ in range(2):
        assert filled.sync()["copied"] == 0
        assert filled.reports() == {"target_changed": [b"/etc/motd"]}
        assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"


def test_changed_and_erased_is_copied(filled: Pair, rsync: str) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    (filled.clone / "etc/motd").unlink()
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_target_changed_file_is_copied_once_it_is_erased_on_the_clone(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    filled.sync()
    (filled.clone / "etc/motd").unlink()
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []
    put(filled.booted, "etc/motd", b"booted again\n")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_same_and_erased_is_copied(filled: Pair, rsync: str) -> None:
    (filled.clone / "etc/motd").unlink()
    shutil.rmtree(filled.clone / "srv/data")
    filled.sync()
    assert b"/etc/motd" in filled.report("to_be_copied")
    assert filled.differences() == []


def test_both_changed_to_the_same_is_in_step(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"the same\n")
    copy_file(filled, "etc/motd")
    counts = filled.sync()
    assert counts["copied"] == 0
    assert counts["in_step"] == counts["initial"]
    assert filled.reports() == {}
    put(filled.booted, "etc/motd", b"another\n")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_same_and_changed_is_left_alone(filled: Pair) -> None:
    put(filled.clone, "etc/motd", b"clone\n")
    counts = filled.sync()
    assert counts["copied"] == 0
    assert counts["changed_on_clone_only"] == 1
    assert filled.reports() == {"clone_only": [b"/etc/motd"]}
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"


def test_a_change_taken_back_on_the_clone_is_no_change(filled: Pair) -> None:
    motd = filled.clone / "etc/motd"
    old, times = motd.read_bytes(), motd.stat().st_mtime_ns
    motd.write_bytes(b"clone\n")
    filled.sync()
    motd.write_bytes(old)
    set_mtime(motd, times)
    filled.sync()
    assert filled.reports() == {}
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert filled.differences() == []


def test_erased_and_same_is_removed(filled: Pair) -> None:
    (filled.booted / "etc/motd").unlink()
    counts = filled.sync()
    assert counts["deleted"] == counts["erased_on_booted_system"] == 1
    assert filled.reports() == {"erased": [b"/etc/motd"]}
    assert filled.differences() == []
    filled.sync()
    assert filled.reports() == {}


def test_erased_and_changed_is_target_changed(filled: Pair) -> None:
    (filled.booted / "etc/motd").unlink()
    put(filled.clone, "etc/motd", b"clone\n")
    for _ in range(2):
        assert filled.sync()["deleted"] == 0
        assert filled.reports() == {"target_changed": [b"/etc/motd"]}
        assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"


def test_erased_on_both_is_forgotten(filled: Pair) -> None:
    (filled.booted / "etc/motd").unlink()
    (filled.clone / "etc/motd").unlink()
    counts = filled.sync()
    assert counts["deleted"] == counts["copied"] == 0
    assert filled.reports() == {}
    # Forgotten: what the administrator now makes there is the clone's own.
    put(filled.clone, "etc/motd", b"clone\n")
    filled.sync()
    assert filled.reports() == {}
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"


@pytest.mark.parametrize("instead", ["file", "link"])
def test_below_a_parent_that_is_no_directory_on_the_clone_all_is_target_changed(
    filled: Pair, instead: str
) -> None:
    elsewhere = put(filled.clone, "srv/elsewhere/01", b"clone\n")
    shutil.rmtree(filled.clone / "srv/data")
    if instead == "file":
        put(filled.clone, "srv/data", b"clone\n")
    else:
        (filled.clone / "srv/data").symlink_to("elsewhere")
    put(filled.booted, "srv/data/01", b"changed\n")
    put(filled.booted, "srv/data/new", b"new\n")
    (filled.booted / "srv/data/02").unlink()
    filled.sync()
    changed = filled.report("target_changed")
    # Changed, new, erased, and as they were: all that the booted system has or had there.
    names = [f"{number:02}" for number in range(20)]
    assert {f"/srv/data/{name}".encode() for name in [*names, "new"]} <= set(changed)
    assert not (filled.clone / "srv/data").is_dir() or (filled.clone / "srv/data").is_symlink()
    assert elsewhere.read_bytes() == b"clone\n"
    assert [entry.name for entry in (filled.clone / "srv/elsewhere").iterdir()] == ["01"]


def test_what_is_excluded_is_neither_compared_nor_erased(filled: Pair) -> None:
    filled.configure(exclude_list=["/etc/motd", "/srv/data"])
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "srv/data/01", b"clone\n")
    (filled.booted / "srv/data/02").unlink()
    counts = filled.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert filled.reports() == {}
    assert (filled.clone / "etc/motd").read_bytes() == b"welcome\n"
    assert (filled.clone / "srv/data/02").exists()


def test_what_is_in_a_location_is_never_erased(filled: Pair) -> None:
    filled.configure(non_synced_locations={"add": ["/srv/data/*"]})
    put(filled.clone, "srv/data/01", b"clone\n")
    shutil.rmtree(filled.booted / "srv/data")
    (filled.booted / "srv/data").mkdir()
    counts = filled.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert filled.report("target_changed") == filled.report("erased") == []
    assert len(list((filled.clone / "srv/data").iterdir())) == 20


def test_what_only_the_clone_ever_had_is_left_alone(filled: Pair) -> None:
    put(filled.clone, "opt/patched/bin/program", b"clone\n")
    put(filled.clone, "srv/data/own", b"clone\n")
    counts = filled.sync()
    assert counts["copied"] == counts["deleted"] == 0
    assert filled.reports() == {}
    assert (filled.clone / "opt/patched/bin/program").read_bytes() == b"clone\n"
    assert (filled.clone / "srv/data/own").read_bytes() == b"clone\n"
