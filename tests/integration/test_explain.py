"""``explain PATH``: both sides, the record, the criterion, and what would change the outcome."""

from __future__ import annotations

import os

import pytest

from .lab.files import put
from .lab.pair import Pair


@pytest.fixture
def diverged(filled: Pair) -> Pair:
    put(filled.booted, "etc/motd", b"booted\n")
    put(filled.booted, "etc/hosts", b"booted\n")
    put(filled.clone, "etc/hosts", b"clone\n")
    put(filled.clone, "etc/hostname", b"clone\n")
    put(filled.booted, "boot/vmlinuz")
    (filled.booted / "srv/data/07").unlink()
    put(filled.booted, "srv/excluded")
    filled.configure(exclude_list=["/srv/excluded"])
    return filled


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/etc/motd", ("to_be_copied_by_drd_sync", "changed on the booted system", "exclude_list")),
        ("/etc/hosts", ("by_target_changed_filter", "changed on the clone as well", "accept")),
        ("/etc/hostname", ("changed_on_clone_only", "changed on the clone alone", "erase")),
        ("/boot/vmlinuz", ("by_non_synced_location", "in /boot/*: ", "non_synced_locations")),
        ("/srv/data/07", ("erased_on_booted_system", "as drdwrap put it", "put it back")),
        ("/srv/excluded", ("not on the initial list", "excluded by /srv/exc", "exclude_list")),
        ("/srv/data/08", ("in step", "as the record has them", "would be copied")),
    ],
)
def test_it_tells_what_would_be_done_and_why(
    diverged: Pair, path: str, words: tuple[str, str, str]
) -> None:
    before = diverged.both(ctimes=True, with_root=True)
    told = diverged.run("explain", path).stdout.decode()
    lines = dict(line.split(":", 1) for line in told.splitlines())
    assert lines["path"].strip() == path
    for title, part in zip(("outcome", "because", "to change it"), words, strict=True):
        assert part in lines[title]
    assert diverged.both(ctimes=True, with_root=True) == before


def test_what_is_each_sides_own_is_not_on_the_exclude_list(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data"])
    assert b"take it off exclude_list" in filled.run("explain", "/srv/data").stdout
    assert b"exclude_list" not in filled.run("explain", "/lost+found").stdout


def test_what_was_only_touched_on_the_clone_is_not_said_to_be_changed(filled: Pair) -> None:
    """It is held back nevertheless: the booted one has changed, so there is nothing to compare."""
    (filled.clone / "etc/motd").chmod(0o600)
    (filled.clone / "etc/motd").chmod(0o644)
    put(filled.booted, "etc/motd", b"booted\n")
    told = filled.json("explain", "/etc/motd")
    assert told["outcome"].startswith("filtered_out_by_target_changed")
    assert told["reason"].startswith("touched on the clone")


def test_it_needs_no_record(twins: Pair) -> None:
    put(twins.booted, "etc/motd", b"booted\n")
    assert b"/etc/motd" in twins.run("explain", "/etc/motd").stdout


def test_a_path_that_is_nowhere_is_an_error(filled: Pair) -> None:
    assert b"/nowhere" in filled.run("explain", "/nowhere", ok=1).stderr


def test_it_needs_a_path(filled: Pair) -> None:
    filled.run("explain", ok=1)


def test_it_leaves_reports_and_record_alone(diverged: Pair) -> None:
    diverged.preview()
    before = {p: p.read_bytes() for p in diverged.state.rglob("*") if p.is_file()}
    diverged.run("explain", "/etc/motd")
    after = {p: p.read_bytes() for p in diverged.state.rglob("*") if p.is_file()}
    assert {p.name for p in before if before[p] != after.get(p)} <= {"lock", "outcome.json"}


def test_it_shows_both_sides_and_what_was_put(diverged: Pair) -> None:
    told = diverged.run("explain", "/etc/hosts").stdout.decode()
    lines = dict(line.split(":", 1) for line in told.splitlines())
    assert "file, mode 644, owner 0:0, 7 bytes, modified 20" in lines["booted"]
    assert "file, mode 644, owner 0:0, 6 bytes, modified 20" in lines["clone"]
    assert "put as file, mode 644, owner 0:0, 20 bytes" in lines["record"]
    assert lines["record"].endswith(": booted changed, clone changed")
    assert "not there" in diverged.run("explain", "/srv/data/07").stdout.decode()


def test_a_path_may_be_written_as_a_report_prints_it(filled: Pair) -> None:
    name = b"srv/odd\xff\n\\name"
    put(filled.booted, name, b"booted\n")
    put(filled.clone, name, b"clone\n")
    filled.preview()
    printed = filled.run("report", "target_changed").stdout.decode().splitlines()
    assert len(printed) == 1 and "\\377" in printed[0]
    assert filled.json("explain", printed[0])["path"] == printed[0]
    assert filled.json("explain", "/" + os.fsdecode(name))["path"] == printed[0]
    assert filled.json("accept", printed[0])["accepted"] == printed
    # What is there under that very name is meant first.
    put(filled.booted, "srv/a\\101", b"literal\n")
    put(filled.booted, "srv/aA", b"other\n")
    assert filled.json("explain", "/srv/a\\101")["path"] == "/srv/a\\134101"


@pytest.mark.parametrize("program", ["explain", "accept"])
def test_an_empty_name_is_not_the_root(filled: Pair, program: str) -> None:
    assert b"empty name" in filled.run(program, "", ok=1).stderr
