"""The note in the lock file: what a run is at, and when it last moved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from drdwrap.linux import run_note


class Clock:
    now = 1000.0

    def monotonic(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(run_note, "time", SimpleNamespace(monotonic=clock.monotonic))
    return clock


@pytest.fixture
def file() -> Iterator[int]:
    descriptor = os.memfd_create("lock")
    yield descriptor
    os.close(descriptor)


def said(file: int) -> tuple[str, str, float]:
    note = run_note.read(file)
    assert note is not None and note.pid == os.getpid()
    return note.phase, note.detail, note.idle


def test_phases_are_noted_at_once_and_details_once_a_second(clock: Clock, file: int) -> None:
    with run_note.kept(file):
        assert said(file) == ("beginning", "", 0)
        run_note.note("copying")
        clock.now += 0.5
        run_note.note("copying", "1 of 4 files")
        assert said(file) == ("copying", "", 0.5)
        clock.now += 0.5
        run_note.note("copying", "2 of 4 files")
        assert said(file) == ("copying", "2 of 4 files", 0)
        clock.now += 0.1
        run_note.note("removing")
        assert said(file) == ("removing", "", 0)


def test_saying_the_same_is_no_movement(clock: Clock, file: int) -> None:
    with run_note.kept(file):
        for _ in range(5):
            run_note.note("copying", "1 of 4 files")
            clock.now += 60
        assert said(file) == ("copying", "1 of 4 files", 300)
        run_note.moved()
        assert said(file) == ("copying", "1 of 4 files", 0)


def test_the_file_has_always_the_same_size(file: int) -> None:
    os.write(file, b'{"pid": 1, "started": "2026-01-01 00:00:00"}')
    with run_note.kept(file):
        sizes = set()
        for detail in ("", "ä" * 1000, "\U0001f600" * 1000, "x"):
            run_note.note(detail, detail)
            sizes.add(os.fstat(file).st_size)
            assert said(file)[:2] == (detail[:120], detail[:120])
    assert len(sizes) == 1


def test_without_a_lock_nothing_is_noted() -> None:
    assert not run_note.is_kept()
    run_note.note("copying")
    run_note.moved()


@pytest.mark.parametrize(
    "contents",
    [b"", b"{", b"[]", b'{"pid": "x"}', b'{"pid": 1, "started": "long ago"}', b"\xff" * 3000],
)
def test_what_is_no_note_is_none(file: int, contents: bytes) -> None:
    os.write(file, contents)
    assert run_note.read(file) is None


def test_the_note_of_an_older_version_is_read(file: int) -> None:
    os.write(file, b'{"pid": 12, "started": "2026-01-01 00:00:00"}')
    assert run_note.read(file) == run_note.RunNote(12, "2026-01-01 00:00:00", "", "", 0.0)


def test_a_full_disk_does_not_end_the_run() -> None:
    descriptor = os.open("/dev/full", os.O_RDWR)
    with run_note.kept(descriptor):
        run_note.note("copying")
    os.close(descriptor)
