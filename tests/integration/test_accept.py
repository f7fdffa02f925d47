"""``accept`` takes the clone's present state for what drdwrap put."""

from __future__ import annotations

import shutil

import pytest

from drdwrap.sync import accepted_record

from .lab.files import put, setfacl
from .lab.moments import before, kill
from .lab.pair import Pair


def test_a_target_changed_path_is_copied_by_the_next_sync(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    filled.sync()
    filled.run("accept", "/etc/motd")
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"
    assert filled.sync()["copied"] == 1
    assert filled.reports() == {"to_be_copied": [b"/etc/motd"]}
    assert filled.differences() == []


def test_a_path_changed_on_the_clone_only_stays_until_the_booted_one_changes(
    filled: Pair,
) -> None:
    put(filled.clone, "etc/motd", b"clone\n")
    filled.sync()
    filled.run("accept", "/etc/motd")
    assert filled.sync()["copied"] == 0
    assert filled.report("clone_only") == []
    assert (filled.clone / "etc/motd").read_bytes() == b"clone\n"
    put(filled.booted, "etc/motd", b"booted\n")
    assert filled.sync()["copied"] == 1
    assert filled.differences() == []


def test_a_path_without_a_record_is_copied_by_the_next_sync(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    twins.sync()
    twins.run("accept", "/etc/motd")
    assert twins.sync()["copied"] == 1
    assert twins.differences() == []


def test_a_path_through_a_link_is_the_one_it_leads_to(filled: Pair) -> None:
    """As /bin is one to usr/bin, and administrators go on saying /bin/sh."""
    put(filled.booted, "usr/bin/tool", b"one\n")
    (filled.booted / "bin").symlink_to("/usr/bin")
    filled.sync()
    put(filled.booted, "usr/bin/tool", b"booted\n")
    put(filled.clone, "usr/bin/tool", b"clone\n")
    assert filled.json("explain", "/bin/tool")["path"] == "/usr/bin/tool"
    assert filled.json("accept", "/bin/tool")["accepted"] == ["/usr/bin/tool"]
    assert filled.sync()["copied"] == 1
    assert filled.json("explain", "/bin")["path"] == "/bin"


def test_an_accept_that_was_cut_off_is_told_as_what_it_was(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    killed = before(accepted_record, "commit", kill)
    filled.start("accept", "/etc/motd", prepare=killed).wait()
    filled.wait_for_lock()
    told = filled.json("status")
    assert (told["interrupted"], told["interrupted_command"]) == (True, "accept")
    assert b"The last 'drdwrap accept' was cut off" in filled.run("status").stdout
    shown = filled.run("check").stdout
    assert b"the last 'drdwrap accept' was cut off, and accepted nothing" in shown
    refused = filled.run("accept", "/etc/motd", ok=1).stderr
    assert b"the last 'drdwrap accept' was cut off" in refused
    assert b"last sync" not in refused
    assert filled.sync()["target_changed"] == 1
    assert filled.json("status")["interrupted_command"] is None
    filled.run("accept", "/etc/motd")
    assert filled.sync()["copied"] == 1
    assert (filled.clone / "etc/motd").read_bytes() == b"booted\n"


def test_several_paths_are_accepted_at_once(filled: Pair) -> None:
    for name in ("etc/motd", "etc/hosts", "srv/data/07"):
        put(filled.booted, name, b"booted\n")
        put(filled.clone, name, b"clone\n")
    filled.run("accept", "/etc/motd", "/srv/data/07")
    filled.sync()
    assert filled.report("to_be_copied") == [b"/etc/motd", b"/srv/data/07"]
    assert filled.report("target_changed") == [b"/etc/hosts"]


def test_a_path_erased_on_the_booted_system_is_removed_by_the_next_sync(filled: Pair) -> None:
    (filled.booted / "etc/motd").unlink()
    put(filled.clone, "etc/motd", b"clone\n")
    filled.sync()
    filled.run("accept", "/etc/motd")
    assert filled.sync()["deleted"] == 1
    assert filled.differences() == []


def test_the_mode_of_a_directory_is_accepted(filled: Pair) -> None:
    (filled.clone / "srv/data").chmod(0o700)
    (filled.booted / "srv/data").chmod(0o711)
    filled.sync()
    assert filled.report("target_changed") == [b"/srv/data"]
    filled.run("accept", "/srv/data")
    filled.sync()
    assert filled.differences() == []


def test_a_change_after_it_is_the_clones_again(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    filled.run("accept", "/etc/motd")
    put(filled.clone, "etc/motd", b"clone again\n")
    filled.sync()
    assert filled.report("target_changed") == [b"/etc/motd"]
    assert (filled.clone / "etc/motd").read_bytes() == b"clone again\n"


def test_it_changes_neither_tree(filled: Pair) -> None:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.clone, "etc/motd", b"clone\n")
    before = filled.both(ctimes=True)
    filled.run("accept", "/etc/motd")
    assert filled.both(ctimes=True) == before


def test_a_path_of_which_there_is_nothing_to_accept_is_named(filled: Pair) -> None:
    for path in ("/etc/nowhere", "/etc/motd"):
        done = filled.run("accept", path, ok=2)
        assert path.encode() in done.stdout + done.stderr


def test_no_path_at_all_is_a_usage_error(filled: Pair) -> None:
    assert filled.run("accept", ok=1).stderr


def test_a_link_that_stands_for_a_directory_gives_way_to_it_again(filled: Pair) -> None:
    data = filled.clone / "srv/data"
    data.rename(filled.clone / "srv/elsewhere")
    data.symlink_to("elsewhere")
    filled.sync()
    filled.run("accept", "/srv/data")
    filled.sync()
    assert not data.is_symlink()
    shutil.rmtree(filled.clone / "srv/elsewhere")
    assert filled.differences() == []
    again = filled.sync()
    assert (again["files_to_be_copied"], filled.reports()) == (0, {})


def test_a_link_that_stands_for_a_file_stays_until_the_booted_one_changes(filled: Pair) -> None:
    motd = filled.clone / "etc/motd"
    motd.unlink()
    motd.symlink_to("hosts")
    filled.run("accept", "/etc/motd")
    assert filled.sync()["copied"] == 0
    assert motd.is_symlink()
    put(filled.booted, "etc/motd", b"booted\n")
    filled.sync()
    assert filled.differences() == []


def test_the_root_directory_goes_on_following_the_booted_one(filled: Pair) -> None:
    """The new marker on the clone has moved its change time."""
    put(filled.clone, "etc/motd", b"clone\n")
    filled.run("accept", "/etc/motd")
    setfacl(filled.booted, "-m", "u:1001:rx")
    filled.sync()
    assert filled.report("target_changed") == []
    assert filled.differences("etc/motd", with_root=True) == []


def test_it_stands_in_the_log(filled: Pair) -> None:
    put(filled.clone, "etc/motd", b"clone\n")
    filled.run("accept", "/etc/motd")
    filled.run("accept", "/no/such", ok=2)
    logged = filled.log.read_text()
    assert "BEGIN Accept Clone Files" in logged and "END Accept Clone Files succeeded." in logged
    assert "/etc/motd follows" in logged and "/no/such follows" not in logged


@pytest.mark.parametrize("name", [r"/no\057..", r"\057", r"/srv/a\101", r"/srv\000/x", r"/no\056"])
def test_what_no_report_prints_is_taken_as_it_stands(filled: Pair, name: str) -> None:
    """Not for the root, nor for another path: their changes would be given up."""
    put(filled.clone, "etc/motd", b"clone\n")
    put(filled.booted, "srv/aA", b"booted\n")
    put(filled.clone, "srv/aA", b"clone\n")
    assert filled.json("accept", name, ok=2)["accepted"] == []
    filled.sync()
    assert filled.report("clone_only") == [b"/etc/motd"]
    assert filled.report("target_changed") == [b"/srv/aA"]
