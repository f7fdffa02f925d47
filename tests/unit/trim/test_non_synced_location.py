"""The first criterion: what lies in a location is taken out, and told of only where it differs."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_on_both,
    erased_on_clone,
    file,
    in_step,
    new,
)
from unit.trim.trimmed import undecided, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import REASONS, Outcome
from drdwrap.trim.criteria import non_synced_location
from drdwrap.trim.decide import trim_by_record

FILE = file(b"tmp/x")


def outcome_of(candidate: Candidate) -> Outcome:
    trimmed = undecided(candidate, locations=["/tmp/*"])
    trimmed.decide(candidate.path, Outcome.COPY, "")
    non_synced_location.apply(trimmed)
    return trimmed.verdicts[candidate.path].outcome


@pytest.mark.parametrize(
    "candidate",
    [
        new(FILE),
        changed(FILE),
        changed_on_clone(FILE),
        changed_on_both(FILE),
        erased(FILE),
        erased_on_clone(FILE),
        replace(in_step(FILE), hidden="hard links"),
        changed(directory(b"tmp/d")),
    ],
)
def test_where_the_sides_differ_it_is_reported(candidate: Candidate) -> None:
    assert outcome_of(candidate) is Outcome.LOCATION


@pytest.mark.parametrize(
    "candidate",
    [
        in_step(FILE),
        replace(in_step(FILE), hidden=""),
        changed(FILE, FILE._replace(ctime=b"200.0", inode=b"6")),
        changed(directory(b"tmp/d"), directory(b"tmp/d")._replace(mtime=b"200.0")),
        Candidate(FILE.path, edited(FILE), None, edited(FILE)._replace(inode=b"6"), None),
        erased_on_both(FILE),
        Candidate(FILE.path, None, None, FILE, None),  # the clone's own
    ],
)
def test_what_is_alike_to_the_eye_or_the_clones_own_is_not_told_of(candidate: Candidate) -> None:
    assert outcome_of(candidate) is Outcome.NOT_COMPARED


def test_each_has_its_reason_and_all_else_is_left_as_it_is() -> None:
    elsewhere = [changed(file(p)) for p in (b"tmp", b"tmpx", b"var/tmp/x")]
    trimmed = undecided(new(FILE), in_step(file(b"tmp/y")), *elsewhere, locations=["/tmp/*"])
    trim_by_record(trimmed)
    assert why(trimmed, FILE.path) == "in /tmp/*: a reason"
    assert why(trimmed, b"tmp/y") == REASONS[Outcome.NOT_COMPARED]
    assert {trimmed.outcome(c.path) for c in elsewhere} == {Outcome.COPY}
