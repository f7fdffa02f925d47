"""``explain PATH``: both sides, the record, the criterion, and what would change the outcome."""

from __future__ import annotations

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
        ("/etc/motd", "cop"),
        ("/etc/hosts", "accept"),
        ("/etc/hostname", "clone"),
        ("/boot/vmlinuz", "/boot/"),
        ("/srv/data/07", "erased"),
        ("/srv/excluded", "exclude"),
        ("/srv/data/08", "in step"),
    ],
)
def test_it_tells_what_would_be_done_and_why(diverged: Pair, path: str, words: str) -> None:
    before = diverged.both(ctimes=True, with_root=True)
    told = diverged.run("explain", path).stdout.decode()
    assert path in told
    assert words in told.lower()
    assert diverged.both(ctimes=True, with_root=True) == before


def test_what_is_each_sides_own_is_not_on_the_exclude_list(filled: Pair) -> None:
    filled.configure(exclude_list=["/srv/data"])
    assert b"take it off exclude_list" in filled.run("explain", "/srv/data").stdout
    assert b"exclude_list" not in filled.run("explain", "/lost+found").stdout


def test_what_was_only_touched_on_the_clone_is_not_said_to_be_changed(filled: Pair) -> None:
    """It is held back all the same: with the booted one changed there is nothing to compare."""
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
