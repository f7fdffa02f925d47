"""While a run sets, compares, checks and removes, its note says so, and how far it is."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from unit.sync.jobs import Sides
from unit.sync.test_transfer import INTENT

from drdwrap.linux import run_note
from drdwrap.record import intent as intents
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import adjust, guard
from drdwrap.sync.declare import Declaration
from drdwrap.sync.ledger import Ledger
from drdwrap.sync.removal import remove_erased
from drdwrap.sync.transfer import link_all, move_staged

Said = Callable[[], tuple[str, str]]


@pytest.fixture
def sides(tmp_path: Path) -> Sides:
    sides = Sides(tmp_path)
    for side in (sides.booted, sides.clone):
        (side / "var").mkdir()  # a volume of the pair
    for number in range(300):
        sides.write(f"d/{number}")
    return sides


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> Iterator[Said]:
    """The note of a run in which a second passes with each step."""
    clock = itertools.count()
    monkeypatch.setattr(run_note, "time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    descriptor = os.memfd_create("lock")

    def read() -> tuple[str, str]:
        note = run_note.read(descriptor)
        assert note is not None
        return note.phase, note.detail

    with run_note.kept(descriptor):
        yield read
    os.close(descriptor)


def paths() -> list[bytes]:
    return [b"d/%d" % number for number in range(300)]


def test_attributes_and_contents(sides: Sides, said: Said) -> None:
    for path in paths():
        (sides.booted / os.fsdecode(path)).chmod(0o600)
    job, ledger = sides.job(*paths()), Ledger()
    files = adjust.adjust_all(job, ledger)
    assert said() == ("setting attributes", "300 of 300 files")
    adjust.compare_contents(job, ledger, files)
    assert said() == ("comparing contents", "300 of 300 files")


def test_what_was_erased(sides: Sides, said: Said) -> None:
    for path in paths():
        (sides.booted / os.fsdecode(path)).unlink()
    job = sides.job(removed=paths())
    remove_erased(iter(job.plan.deletions), job)
    assert said() == ("removing what was erased", "300 of 300 files")


@pytest.mark.parametrize("check", [guard.leave_out_changed, guard.leave_out_unreadable])
def test_a_check_is_movement_whatever_the_run_is_at(
    sides: Sides, monkeypatch: pytest.MonkeyPatch, check: Callable[..., object]
) -> None:
    moves = itertools.count()
    monkeypatch.setattr(run_note, "moved", lambda: next(moves))
    check(sides.job(*paths()), Ledger(), paths())
    assert next(moves) == 300


def test_what_is_moved_and_what_gets_further_names(
    sides: Sides, said: Said, tmp_path: Path
) -> None:
    intent = os.fsencode(tmp_path / "intent")
    intents.write(intent, INTENT)
    declaration = Declaration(intent, INTENT)
    new = [b"new/%d" % number for number in range(300)]
    (sides.booted / "new").mkdir()
    for path in new:
        (sides.booted / os.fsdecode(path)).write_text("new")
    job = sides.job(*new)
    job.staging.make_parents(b"", new)
    for path in new:
        shutil.copy2(sides.booted / os.fsdecode(path), os.fsdecode(job.staging.new(path)))
    (sides.clone / "new").mkdir()
    move_staged(job, Ledger(), declaration, Transcript(), b"", new)
    assert said() == ("moving what has arrived to its place", "300 of 300 files")
    names = [b"d/name-%d" % number for number in range(300)]
    for path in names:
        os.link(sides.booted / "d/0", sides.booted / os.fsdecode(path))
    job, ledger = sides.job(b"d/0", *names), Ledger()
    adjust.compare_contents(job, ledger, adjust.adjust_all(job, ledger))
    notes = []
    make_link = os.link

    def link(*arguments: object, **options: object) -> None:
        notes.append(said())
        make_link(*arguments, **options)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "link", link)
        link_all(job, ledger, declaration)
    assert notes[-1] == ("making further names of files", "300 of 300")


def test_after_a_wait_for_leases_it_is_copying_again(sides: Sides, said: Said) -> None:
    guard.leave_out_leased(sides.job(*paths()), Ledger())
    assert said() == ("copying", "")
