"""At the end of the copy: what the record is to say of everything that was put."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.sync.jobs import Sides

from drdwrap.sync.job import Job
from drdwrap.sync.last_look import look_at_arrivals
from drdwrap.sync.ledger import Ledger, PathState


class Put(Sides):
    """A clone on which `d`, `d/x`, and `l` with its other name `m` have just been put."""

    def __init__(self, place: Path) -> None:
        super().__init__(place)
        for name in ("d/x", "l"):
            self.write(name)
        for side in (self.booted, self.clone):
            os.link(side / "l", side / "m")
        self.made: Job = self.job(b"d", b"d/x", b"l")
        self.ledger = Ledger()
        for path in (b"d", b"d/x", b"l"):
            self.made.note_put(self.ledger, path, PathState.COPIED)

    def overtaken(self) -> tuple[bytes, ...]:
        return look_at_arrivals(self.made, self.ledger).overtaken

    def recorded_as_put(self, path: bytes) -> bool:
        arrived = look_at_arrivals(self.made, self.ledger)
        return arrived.put[path] == self.ledger.copies[path]

    def recorded_as_now(self, path: bytes) -> bool:
        arrived = look_at_arrivals(self.made, self.ledger)
        return arrived.put[path].put == self.on_clone(path)


@pytest.fixture
def put(tmp_path: Path) -> Put:
    return Put(tmp_path)


def test_what_is_as_it_was_put_is_recorded_so(put: Put) -> None:
    arrived = look_at_arrivals(put.made, put.ledger)
    assert arrived.put == put.ledger.copies
    assert arrived.overtaken == ()


def test_what_was_not_put_is_not_among_it(put: Put) -> None:
    for number, state in enumerate(PathState):
        put.ledger.note(b"%d" % number, state, "why")
    arrived = look_at_arrivals(put.made, put.ledger)
    assert arrived.put.keys() == {b"d", b"d/x", b"l"}


def test_what_was_put_keeps_its_state_and_reason(put: Put) -> None:
    put.write("y")
    put.made.note_put(put.ledger, b"y", PathState.FAILED, "why")
    note = look_at_arrivals(put.made, put.ledger).put[b"y"]
    assert (note.state, note.why) == (PathState.FAILED, "why")


@pytest.mark.parametrize("how", ["written", "touched", "replaced", "gone"])
def test_what_was_changed_since_is_recorded_as_it_was_put(put: Put, how: str) -> None:
    """So the next run finds the change, and it is the clone's."""
    path = put.clone / "d/x"
    if how == "written":
        path.write_text("mine")
    elif how == "touched":
        path.chmod(0o600)
        path.chmod(0o644)
    elif how == "replaced":
        path.rename(put.clone / "d/before")
        path.write_text("old")
        os.utime(path, (100, 100))
    else:
        path.unlink()
    assert put.overtaken() == (b"d/x",)
    assert put.recorded_as_put(b"d/x")


def test_what_moves_along_is_recorded_as_it_is_now(put: Put) -> None:
    (put.clone / "d/new").touch()
    (put.clone / "m").unlink()
    assert put.overtaken() == ()
    for path in (b"d", b"l"):
        assert not put.recorded_as_put(path)
        assert put.recorded_as_now(path)


@pytest.mark.parametrize("path", [b"d", b"l"])
def test_but_not_with_other_attributes(put: Put, path: bytes) -> None:
    os.setxattr(put.clone / os.fsdecode(path), "user.note", b"1")
    assert put.overtaken() == (path,)
    assert put.recorded_as_put(path)


@pytest.mark.parametrize("path", [b"d", b"l"])
def test_nor_with_another_mode(put: Put, path: bytes) -> None:
    (put.clone / os.fsdecode(path)).chmod(0o700)
    assert put.overtaken() == (path,)
    assert put.recorded_as_put(path)
