"""The order in which a plan copies: a time limit is to cut off the fewest files."""

from __future__ import annotations

from drdwrap import plan
from drdwrap.inventory.entry import Entry
from drdwrap.plan import LARGE, Phase
from drdwrap.trim.candidate import Candidate
from drdwrap.trim.table import Outcome
from drdwrap.trim.verdict import Verdict
from drdwrap.volumes.pair import Pair

PAIR = Pair(b"/booted", b"/clone", (b"", b"var"), "booted", "clone")


def file(path: bytes, size: int) -> Entry:
    return Entry(path, b"f", b"644", b"0", b"0", size, b"1.0", b"2.0", b"3", 1)


def transfers(*candidates: Candidate) -> list[tuple[Phase, bytes, tuple[bytes, ...]]]:
    by_path = {candidate.path: candidate for candidate in candidates}
    verdicts = {path: Verdict(Outcome.COPY, "") for path in by_path}
    made = plan.make(by_path, verdicts, PAIR, True, (None, None))
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


def test_what_differs_in_contents_alone_goes_by_checksum() -> None:
    alike = Candidate(b"c", file(b"c", 5), file(b"c", 5), file(b"c", 5), file(b"c", 5), "contents")
    assert transfers(alike, new(b"d", 5)) == [
        (Phase.ORDINARY, b"", (b"d",)),
        (Phase.BY_CONTENTS, b"", (b"c",)),
    ]
    assert not Phase.ORDINARY.by_contents
    assert Phase.BY_CONTENTS.by_contents
    assert Phase.LARGE_BY_CONTENTS.by_contents
