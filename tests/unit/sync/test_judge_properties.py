"""Whatever changed between scan, copy and move: what `judge`, and the next record, never say."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st
from unit.entries import OLD, directory, file, inventory, symlink

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome, outcome
from drdwrap.changes.difference import Difference
from drdwrap.inventory.entry import Entry
from drdwrap.sync.arrival import Evidence, judge
from drdwrap.sync.ledger import Note, PathState
from drdwrap.sync.next_record import next_record
from drdwrap.trim.trimming import Verdict

MESSAGES = [
    None,
    b'rsync: [receiver] mkstemp "/c/a" failed: Operation not permitted (1)',
    b'rsync: [sender] link_stat "/b/a" failed: No such file or directory (2)',
    b"file has vanished: odd",
]
MINE = file(b"a", size=99, mtime=b"950.0", ctime=b"950.0", inode=b"66")
"""What somebody else makes of it on the clone."""
LATER = b"990.0000000000"
ON_BOOTED_SYSTEM = st.sampled_from([file(b"a"), directory(b"a"), symlink(b"a")])


@st.composite
def altered(draw: st.DrawFn, entry: Entry) -> Entry | None:
    """The same, gone, something else, or with any of its fields changed."""
    if draw(st.integers(0, 5)) == 0:
        return draw(st.sampled_from([None, directory(b"a"), symlink(b"a"), file(b"a")]))
    other = {
        "mode": b"4711",
        "uid": b"1000",
        "gid": b"1000",
        "size": entry.size + (not entry.is_directory),
        "mtime": LATER,
        "ctime": LATER,
        "inode": b"77",
        "links": entry.links + 1,
    }
    for name in draw(st.sets(st.sampled_from(sorted(other)), max_size=3)):
        entry = entry._replace(**{name: other[name]})  # type: ignore[arg-type]
    return entry


@st.composite
def evidences(draw: st.DrawFn) -> Evidence:
    """Any that there may be. What lies in the staging directory has an inode of its own."""
    planned = draw(ON_BOOTED_SYSTEM)
    staged = draw(altered(planned._replace(inode=b"8", ctime=b"900.0000000000")))
    return Evidence(
        planned=planned,
        booted=draw(altered(planned)),
        staged=staged,
        same_attributes=draw(st.booleans()),
        message=draw(st.sampled_from(MESSAGES)),
        cut_off=draw(st.booleans()),
        below_swapped=draw(st.booleans()),
        below_unsteady=draw(st.booleans()),
    )


def is_steady(evidence: Evidence) -> bool:
    """Whether the booted path is what it was when the scan saw it."""
    booted, planned = evidence.booted, evidence.planned
    assert planned is not None
    return booted is not None and (booted.visible, booted.inode) == (planned.visible, planned.inode)


@given(evidences())
def test_only_what_is_like_a_steady_booted_path_in_everything_has_arrived(
    evidence: Evidence,
) -> None:
    planned, staged = evidence.planned, evidence.staged
    assert planned is not None
    arrived = judge(evidence).state is PathState.COPIED
    alike = staged is not None and staged.visible == planned.visible and evidence.same_attributes
    well = evidence.message is None and not evidence.below_swapped
    assert arrived is (is_steady(evidence) and alike and well)


@given(evidences())
def test_what_goes_is_there_and_was_read_where_it_should(evidence: Evidence) -> None:
    if judge(evidence).goes:
        assert evidence.staged is not None
        assert evidence.planned is not None
        assert evidence.staged.type == evidence.planned.type
        assert not evidence.below_swapped


@given(evidences())
def test_what_goes_has_owner_mode_and_size_unless_the_booted_one_changed(
    evidence: Evidence,
) -> None:
    if judge(evidence).goes and is_steady(evidence) and not evidence.below_unsteady:
        assert evidence.staged is not None
        assert evidence.planned is not None
        assert evidence.staged[1:6] == evidence.planned[1:6]


@given(evidences())
def test_only_of_a_run_that_was_cut_off_nothing_is_said(evidence: Evidence) -> None:
    found = judge(evidence)
    if found.state is None:
        assert evidence.cut_off
        assert evidence.message is None
        assert not found.goes
    assert bool(found.why) is (found.state is PathState.FAILED)


@given(evidences())
def test_no_error_is_made_of_a_change_on_the_booted_system(evidence: Evidence) -> None:
    if not is_steady(evidence) and not evidence.below_swapped:
        assert judge(evidence).state is PathState.CHANGING


BEFORE = [None, file(b"a", size=3), file(b"a", inode=b"6"), directory(b"a")]
"""What the clone had before, as drdwrap has put it."""


def noted(evidence: Evidence) -> Note | None:
    """What the ledger has once what may go has gone to its place."""
    found = judge(evidence)
    put = evidence.staged if found.goes else None
    return Note(found.state, found.why, put) if found.state else None


def next_outcome(evidence: Evidence, before: Entry | None, now: Entry | None) -> Outcome:
    """What the next run makes of the path, without a closer look, with the clone as it is `now`."""
    then = file(b"a", size=2, ctime=OLD) if before else None
    candidate = Candidate(b"a", evidence.planned, then, before, before)
    nothing, note = Difference({}, {}, {}), noted(evidence)
    lines = next_record(
        Comparison(nothing, nothing, {}, frozenset(), frozenset()),
        {b"a": candidate},
        {b"a": Verdict(Outcome.COPY, "")},
        {b"a": note} if note else {},
        frozenset(),
        {},
        inventory().is_unsettled,
        frozenset(),
    )
    booted, clone = (Entry.parse(line) if (line := side[b"a"]) else None for side in lines)
    return outcome(Candidate(b"a", evidence.booted, booted, now, clone))


def after(evidence: Evidence, before: Entry | None) -> Entry | None:
    """What the clone has after the move."""
    note = noted(evidence)
    return before if note is None or note.put is None else note.put


@given(evidences(), st.sampled_from(BEFORE))
def test_what_the_next_run_takes_for_in_step_is_in_step(
    evidence: Evidence, before: Entry | None
) -> None:
    now = after(evidence, before)
    if next_outcome(evidence, before, now) is Outcome.IN_STEP:
        assert now is not None
        assert evidence.booted is not None
        assert now.visible == evidence.booted.visible
        assert evidence.same_attributes


@given(evidences(), st.sampled_from(BEFORE))
def test_what_has_not_arrived_is_copied_by_the_next_run(
    evidence: Evidence, before: Entry | None
) -> None:
    now = after(evidence, before)
    if evidence.booted is not None and judge(evidence).state is not PathState.COPIED:
        assert next_outcome(evidence, before, now) is Outcome.COPY


@given(evidences(), st.sampled_from(BEFORE))
@example(
    Evidence(
        planned=file(b"a"),
        booted=file(b"a"),
        staged=file(b"a", inode=b"8"),
        same_attributes=True,
        message=None,
        cut_off=False,
    ),
    None,
)
def test_what_somebody_else_made_of_it_since_is_never_copied_over(
    evidence: Evidence, before: Entry | None
) -> None:
    assert next_outcome(evidence, before, MINE) not in (Outcome.COPY, Outcome.IN_STEP)
