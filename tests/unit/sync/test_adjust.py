"""Attributes are set in place, and then the contents compared; all on real files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import pytest
from unit.entries import seen
from unit.sync.jobs import Sides

from drdwrap.inventory.beyond_lstat import attributes
from drdwrap.sync import adjust
from drdwrap.sync.guard import leave_out_changed
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, Note, PathState

ODD = "its attributes are not those of the booted system"


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    return Sides(tmp_path)


def adjusted(sides: Sides, *names: str) -> Job:
    """A job that gives these files another mode."""
    for name in names:
        sides.write(name)
        (sides.booted / name).chmod(0o600)
    job = sides.job(*map(os.fsencode, names))
    assert job.plan.adjustments == tuple(map(os.fsencode, names))
    return job


def states(ledger: Ledger) -> dict[bytes, PathState]:
    return {path: note.state for path, note in ledger.copies.items()}


def run(job: Job, ledger: Ledger) -> Sequence[bytes]:
    return adjust.compare_contents(job, ledger, adjust.adjust_all(job, ledger))


def same(sides: Sides, path: bytes) -> bool:
    """Whether both sides look alike and have the same attributes."""
    roots = sides.trees.booted.root, sides.trees.clone.root
    visible = [seen(root, path).visible for root in roots]
    found = [attributes(root + b"/" + path) for root in roots]
    return visible[0] == visible[1] and found[0] == found[1]


def test_a_file_is_adjusted_and_its_contents_are_still_to_be_compared(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a"), Ledger()
    files = adjust.adjust_all(job, ledger)
    assert files == [b"a"]
    assert ledger.copies == {}
    assert same(sides, b"a")
    assert adjust.compare_contents(job, ledger, files) == []
    assert ledger.copies == {b"a": Note(PathState.COPIED, "", sides.on_clone(b"a"))}


def test_an_attribute_that_is_set_on_the_booted_system_meanwhile_is_for_the_next_run(
    sides: Sides,
) -> None:
    job, ledger = adjusted(sides, "a", "b"), Ledger()
    files = adjust.adjust_all(job, ledger)
    os.setxattr(sides.booted / "a", "user.late", b"1")
    assert adjust.compare_contents(job, ledger, files) == []
    assert states(ledger) == {b"a": PathState.CHANGING, b"b": PathState.COPIED}


def test_what_differs_is_told_and_has_no_note_yet(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a", "b"), Ledger()
    (sides.booted / "a").write_text("odd")
    os.utime(sides.booted / "a", (100, 100))
    assert run(job, ledger) == [b"a"]
    assert states(ledger) == {b"b": PathState.COPIED}


def test_what_was_set_and_differs_may_still_be_copied(sides: Sides) -> None:
    """What the run itself has set is no change of the clone's."""
    job, ledger = adjusted(sides, "a"), Ledger()
    (sides.booted / "a").write_text("odd")
    os.utime(sides.booted / "a", (100, 100))
    different = run(job, ledger)
    assert leave_out_changed(job, ledger, different) == (b"a",)


def test_a_directory_has_no_contents_to_compare(sides: Sides) -> None:
    sides.write("d/x")
    (sides.booted / "d").chmod(0o700)
    os.setxattr(sides.booted / "d", "user.note", b"1")
    job, ledger = sides.job(b"d"), Ledger()
    assert adjust.adjust_all(job, ledger) == []
    assert states(ledger) == {b"d": PathState.COPIED}
    assert same(sides, b"d")


def test_what_changed_on_the_clone_meanwhile_is_left_alone(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a", "b"), Ledger()
    (sides.clone / "a").chmod(0o640)
    (sides.clone / "b").unlink()
    assert adjust.adjust_all(job, ledger) == []
    assert set(states(ledger).values()) == {PathState.CHANGED}
    assert (sides.clone / "a").stat().st_mode & 0o777 == 0o640
    assert not (sides.clone / "b").exists()


def test_what_is_gone_when_it_was_set_was_taken_away_there(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a"), Ledger()
    files = adjust.adjust_all(job, ledger)
    (sides.clone / "a").unlink()
    assert adjust.compare_contents(job, ledger, files) == []
    assert ledger.copies == {b"a": Note(PathState.CHANGED, "changed on the clone meanwhile")}


@pytest.mark.parametrize("how", ["written", "gone"])
def test_what_changes_on_the_booted_system_meanwhile_is_for_the_next_run(
    sides: Sides, how: str
) -> None:
    job, ledger = adjusted(sides, "a"), Ledger()
    files = adjust.adjust_all(job, ledger)
    if how == "written":
        (sides.booted / "a").chmod(0o640)
    else:
        (sides.booted / "a").unlink()
    assert adjust.compare_contents(job, ledger, files) == []
    note = ledger.copies[b"a"]
    assert note.state is PathState.CHANGING
    assert note.put == sides.on_clone(b"a")


def test_what_vanished_before_it_was_set_is_for_the_next_run_too(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a"), Ledger()
    (sides.booted / "a").unlink()
    assert run(job, ledger) == []
    assert states(ledger) == {b"a": PathState.CHANGING}


def test_what_does_not_keep_what_was_set_has_failed(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A chmod that does nothing stands for a file system that keeps no modes."""
    job, ledger = adjusted(sides, "a"), Ledger()
    monkeypatch.setattr(os, "chmod", lambda *_: None)
    assert run(job, ledger) == []
    assert ledger.copies == {b"a": Note(PathState.FAILED, ODD, sides.on_clone(b"a"))}


def test_what_refuses_has_failed_with_the_reason(
    sides: Sides, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A replaced chmod stands for a file that refuses: that needs chattr."""

    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    job, ledger = adjusted(sides, "a"), Ledger()
    monkeypatch.setattr(os, "chmod", refuse)
    assert run(job, ledger) == []
    why = "Operation not permitted"
    assert ledger.copies == {b"a": Note(PathState.FAILED, why, sides.on_clone(b"a"))}


def test_what_was_not_compared_is_noted_as_that(sides: Sides) -> None:
    job, ledger = adjusted(sides, "a", "b"), Ledger()
    files = adjust.adjust_all(job, ledger)
    adjust.compare_contents(job, ledger, files[:1])
    adjust.note_unproved(job, ledger, files)
    assert states(ledger) == {b"a": PathState.COPIED, b"b": PathState.UNPROVED}
    assert ledger.copies[b"b"].put == sides.on_clone(b"b")


def test_all_names_of_a_file_are_set_at_once_and_each_is_copied(sides: Sides) -> None:
    """The first name sets the file; that this moved the second one's mode is the run's own work."""
    sides.write("a")
    for side in (sides.booted, sides.clone):
        os.link(side / "a", side / "b")
    (sides.booted / "a").chmod(0o600)
    job, ledger = sides.job(b"a", b"b"), Ledger()
    assert job.plan.adjustments == (b"a", b"b")
    assert run(job, ledger) == []
    assert states(ledger) == {b"a": PathState.COPIED, b"b": PathState.COPIED}


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file away")


class Files:
    """A file on each side, with what they are to have in common."""

    def __init__(self, place: Path) -> None:
        self.booted, self.clone = place / "booted-file", place / "clone-file"
        for path in (self.booted, self.clone):
            path.write_text("x")

    def set(self) -> None:
        adjust.set_attributes(os.fsencode(self.booted), os.fsencode(self.clone))

    def alike(self) -> bool:
        here, there = self.booted.lstat(), self.clone.lstat()
        same = (here.st_mode, here.st_uid, here.st_gid) == (
            there.st_mode,
            there.st_uid,
            there.st_gid,
        )
        return same and attributes(os.fsencode(self.booted)) == attributes(os.fsencode(self.clone))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


ACL = bytes.fromhex(
    "0200000001000600ffffffff02000400e803000004000400ffffffff10000600ffffffff20000000ffffffff"
)
"""user::rw-, user:1000:r--, group::r--, mask::rw-, other::---"""


@as_root
def test_set_id_bits_come_back_after_the_owner(files: Files) -> None:
    os.chown(files.booted, 1000, 1000)
    files.booted.chmod(0o6755)
    files.clone.chmod(0o6755)
    files.set()
    assert files.alike()


def test_the_mode_of_an_acl_is_the_booted_files(files: Files) -> None:
    os.setxattr(files.booted, "system.posix_acl_access", ACL)
    assert files.booted.stat().st_mode & 0o777 == 0o660
    files.set()
    assert files.alike()


def test_an_acl_that_is_gone_goes_and_leaves_the_mode(files: Files) -> None:
    os.setxattr(files.clone, "system.posix_acl_access", ACL)
    files.booted.chmod(0o640)
    files.set()
    assert files.alike()


def test_attributes_are_added_changed_and_removed(files: Files) -> None:
    for path, names in (
        (files.booted, {"one": b"1", "two": b"2"}),
        (files.clone, {"two": b"3", "three": b"3"}),
    ):
        for name, value in names.items():
            os.setxattr(path, f"user.{name}", value)
    files.set()
    assert files.alike()


@as_root
def test_capabilities_come_after_the_owner_that_takes_them_away(files: Files) -> None:
    capability = bytes.fromhex("0100000200200000000000000000000000000000")
    for path in (files.booted, files.clone):
        os.setxattr(path, "security.capability", capability)
    os.chown(files.booted, 1000, 1000)
    os.setxattr(files.booted, "security.capability", capability)
    files.set()
    assert "security.capability" in attributes(os.fsencode(files.clone))
    assert files.alike()


def test_what_is_alike_is_not_touched(files: Files) -> None:
    os.setxattr(files.booted, "user.note", b"1")
    files.set()
    before = files.clone.stat().st_ctime_ns
    files.set()
    assert files.clone.stat().st_ctime_ns == before


def test_nothing_is_set_through_a_link_or_on_what_is_something_else(
    files: Files, tmp_path: Path
) -> None:
    files.clone.rename(tmp_path / "other")
    files.clone.symlink_to("other")
    files.booted.chmod(0o600)
    before = (tmp_path / "other").stat()
    with pytest.raises(OSError, match="Stale file handle"):
        files.set()
    assert (tmp_path / "other").stat() == before
