"""The order in which a plan copies: a time limit is to cut off the fewest files."""

from __future__ import annotations

import pytest

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry
from drdwrap.pair.pair import Pair
from drdwrap.plan import LARGE, Phase
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.trimming import Verdict

PAIR = Pair(b"/booted", b"/clone", (b"", b"var"), "booted", "clone")


def file(path: bytes, size: int) -> Entry:
    return Entry(path, b"f", b"644", b"0", b"0", size, b"1.0", b"2.0", b"3", 1)


def transfers(*candidates: Candidate) -> list[tuple[Phase, bytes, tuple[bytes, ...]]]:
    by_path = {candidate.path: candidate for candidate in candidates}
    verdicts = {path: Verdict(Outcome.COPY, "") for path in by_path}
    made = plan.make(by_path, verdicts, PAIR, True, (None, None), KeptTogether())
    return [(t.phase, t.volume, t.paths) for t in made.transfers]


def new(path: bytes, size: int) -> Candidate:
    return Candidate(path, file(path, size), None, None, None)


def test_large_files_come_after_all_others_of_all_volumes() -> None:
    assert transfers(
        new(b"a", LARGE), new(b"b", LARGE - 1), new(b"var/a", LARGE + 1), new(b"var/b", 0)
    ) == [
        (Phase.ORDINARY, b"", (b"b",)),
        (Phase.ORDINARY, b"var", (b"var/b",)),
        (Phase.LARGE, b"", (b"a",)),
        (Phase.LARGE, b"var", (b"var/a",)),
    ]


def test_what_is_copied_at_one_go_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each has its last look at the clone."""
    monkeypatch.setattr(plan, "SLICE", 2)
    files = [new(b"d/%d" % number, 1) for number in range(5)]
    assert [t[2] for t in transfers(*files)] == [
        (b"d/0", b"d/1"), (b"d/2", b"d/3"), (b"d/4",)
    ]  # fmt: skip
    monkeypatch.setattr(plan, "SLICE", 100)
    monkeypatch.setattr(plan, "SLICE_BYTES", 2)
    assert [t[2] for t in transfers(new(b"a", 1), new(b"b", 3), new(b"c", 1))] == [
        (b"a",), (b"b",), (b"c",)
    ]  # fmt: skip


def test_what_is_kept_together_goes_in_one_go_after_the_rest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(plan, "SLICE", 2)
    candidates = [new(b"a.db", LARGE), new(b"a.db-wal", 1), new(b"a.db-shm", 1), new(b"b", 1)]
    assert transfers(*candidates, new(b"c", 1)) == [
        (Phase.ORDINARY, b"", (b"b", b"c")),
        (Phase.LARGE, b"", (b"a.db", b"a.db-shm", b"a.db-wal")),
    ]


def test_each_path_is_copied_once_with_all_it_belongs_to(monkeypatch: pytest.MonkeyPatch) -> None:
    """A chain of sets, whichever of them is found first."""
    monkeypatch.setattr(plan, "SLICE", 1)
    sets = KeptTogether.of([[b"/a", b"/d"], [b"/b", b"/c"], [b"/c", b"/d", b"/e"], [b"/x", b"/y"]])
    candidates = {name: new(name, 1) for name in (b"a", b"b", b"c", b"d", b"e", b"f", b"x", b"y")}
    verdicts = {path: Verdict(Outcome.COPY, "") for path in candidates}
    made = plan.make(candidates, verdicts, PAIR, True, (None, None), sets)
    assert [t.paths for t in made.transfers] == [
        (b"f",), (b"a", b"b", b"c", b"d", b"e"), (b"x", b"y")
    ]  # fmt: skip
