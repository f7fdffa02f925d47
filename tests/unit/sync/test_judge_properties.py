"""Whatever the evidence: what `judge`, and the record after it, never say of a path."""

from __future__ import annotations

from hypothesis import example, given
from unit.entries import inventory
from unit.sync.given import BEFORE, BOOTED, EVIDENCE, MINE, Given, nobodys

from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.difference import Difference
from drdwrap.inventory.entry import Entry
from drdwrap.sync.arrival import Arrival, Arrived, judge
from drdwrap.sync.next_record import next_record
from drdwrap.trim.trimming import Verdict


def looks_right(clone: Entry | None) -> bool:
    return clone is not None and clone.visible == BOOTED.visible


@given(EVIDENCE)
def test_only_what_looks_like_the_booted_one_has_arrived(evidence: Given) -> None:
    found = judge(evidence)
    if found.arrival is Arrival.COPIED:
        assert looks_right(found.clone)
    if found.clone is not None:
        assert found.clone in (evidence.clone, evidence.made)


def is_somebody_elses(evidence: Given) -> bool:
    """Neither as it was before, nor as rsync left it, nor right."""
    clone, made = evidence.clone, evidence.made
    if clone in (None, BEFORE, made) or looks_right(clone):
        return False
    return made is None or not made.moves_along


@given(EVIDENCE)
@example(Given(clone=MINE))
def test_what_somebody_else_made_of_it_stays(evidence: Given) -> None:
    if is_somebody_elses(evidence):
        assert judge(evidence) == Arrived(
            Arrival.OVERTAKEN, evidence.clone, judge(evidence).message
        )


def recorded_clone(evidence: Given) -> bytes | None:
    """What the next record says that drdwrap put."""
    candidate, nothing = evidence.candidate, Difference({}, {}, {})
    _, clone = next_record(
        Comparison(nothing, nothing, {}, frozenset(), frozenset()),
        {b"a": candidate},
        {b"a": Verdict(Outcome.COPY, "")},
        {b"a": judge(evidence)},
        frozenset(),
        {},
        inventory().is_unsettled,
        frozenset(),
    )
    return clone[b"a"]


@given(EVIDENCE)
@example(Given(clone=MINE))
@example(Given(clone=MINE, made=MINE, its_work=nobodys))
@example(Given(clone=MINE, made=MINE, its_work=nobodys, below_swapped=True))
def test_the_record_never_says_that_drdwrap_put_what_somebody_else_made(evidence: Given) -> None:
    clone = evidence.clone
    if clone is not None and recorded_clone(evidence) == clone.line:
        assert not is_somebody_elses(evidence)
        its_own = evidence.its_work is not nobodys or evidence.below_swapped
        assert clone == BEFORE or looks_right(clone) or (clone == evidence.made and its_own)
