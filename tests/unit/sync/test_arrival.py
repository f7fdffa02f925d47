"""What has become of a path that rsync was to copy: each answer, and which goes first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from unit.entries import directory, edited, file, symlink

from drdwrap.inventory.entry import Entry
from drdwrap.sync.arrival import Arrival, Evidence, judge
from drdwrap.sync.ledger import PathState

PLANNED = file(b"a", uid=b"3", gid=b"4")
STAGED = PLANNED._replace(inode=b"8", ctime=b"900.0")
HALF = STAGED._replace(size=3, mtime=b"900.0")
AGAIN = edited(PLANNED, b"990.0")
"""The booted file, changed again since the scan."""
DENIED = (
    b'rsync: [receiver] mkstemp "/c/.drdwrap.tmp/new/.a.1Abcde" failed: Operation not permitted (1)'
)
DENIED_IN_WORDS = "mkstemp failed: Operation not permitted (1)"
VANISHED = b'rsync: [sender] link_stat "/b/a" failed: No such file or directory (2)'
DID_NOT_ARRIVE = "it did not arrive as it is on the booted system"

WELL = Evidence(
    planned=PLANNED,
    booted=PLANNED,
    staged=STAGED,
    same_attributes=True,
    message=None,
    cut_off=False,
)
"""All went well."""
NOT_REACHED = Arrival(None, goes=False)
CHANGING = Arrival(PathState.CHANGING, goes=False)


def failed(why: str, *, goes: bool = False) -> Arrival:
    return Arrival(PathState.FAILED, why, goes)


def test_what_lies_there_like_the_booted_one_has_arrived() -> None:
    assert judge(WELL) == Arrival(PathState.COPIED)
    assert judge(replace(WELL, cut_off=True)) == Arrival(PathState.COPIED)
    assert judge(replace(WELL, below_unsteady=True)) == Arrival(PathState.COPIED)


def test_a_further_link_to_the_booted_file_is_no_change_of_it() -> None:
    linked = PLANNED._replace(links=2, ctime=b"990.0")
    assert judge(replace(WELL, booted=linked)) == Arrival(PathState.COPIED)


def test_what_arrived_whole_goes_to_its_place_though_an_attribute_is_missing() -> None:
    odd = "its ACL or attributes are not those of the booted system"
    assert judge(replace(WELL, same_attributes=False)) == failed(odd, goes=True)
    for same in (True, False):
        told = replace(WELL, same_attributes=same, message=DENIED, cut_off=True)
        assert judge(told) == failed(DENIED_IN_WORDS, goes=True)


def test_but_not_where_rsync_may_not_have_come_to_its_attributes() -> None:
    assert judge(replace(WELL, same_attributes=False, cut_off=True)) == NOT_REACHED


@pytest.mark.parametrize("booted", [AGAIN, None, PLANNED._replace(inode=b"77"), symlink(b"a")])
@pytest.mark.parametrize("staged", [STAGED, HALF])
def test_what_changes_meanwhile_goes_as_it_is_and_is_for_the_next_run(
    booted: Entry | None, staged: Entry
) -> None:
    for cut_off in (True, False):
        evidence = replace(WELL, booted=booted, staged=staged, cut_off=cut_off)
        assert judge(evidence) == Arrival(PathState.CHANGING)
        other_type = replace(evidence, staged=directory(b"a"))
        assert judge(other_type) == CHANGING


@pytest.mark.parametrize("message", [None, DENIED])
def test_what_changes_meanwhile_does_not_go_without_its_owner_or_mode(
    message: bytes | None,
) -> None:
    """It would let in those that the booted one does not."""
    for staged in (STAGED, HALF, STAGED._replace(uid=b"0")):
        evidence = replace(WELL, booted=AGAIN, staged=staged, message=message, lacks_rights=True)
        assert judge(evidence) == CHANGING
        assert judge(replace(evidence, lacks_rights=False)) == Arrival(PathState.CHANGING)


def test_an_attribute_that_was_set_since_rsync_was_there_is_for_the_next_run() -> None:
    """Its change time alone has moved. What rsync complains of has failed all the same."""
    moved = PLANNED._replace(ctime=b"990.0")
    evidence = replace(WELL, booted=moved, same_attributes=False)
    assert judge(evidence) == Arrival(PathState.CHANGING)
    assert judge(replace(evidence, cut_off=True)) == NOT_REACHED
    assert judge(replace(evidence, message=DENIED)) == failed(DENIED_IN_WORDS, goes=True)


def test_what_was_read_below_a_directory_that_moved_may_have_been_something_else() -> None:
    evidence = replace(WELL, staged=HALF, below_unsteady=True)
    assert judge(evidence) == Arrival(PathState.CHANGING)
    assert judge(replace(evidence, message=DENIED, cut_off=True)) == Arrival(PathState.CHANGING)


@pytest.mark.parametrize(
    "evidence",
    [
        replace(WELL, message=VANISHED),
        replace(WELL, message=VANISHED, staged=directory(b"a")),
        replace(WELL, message=VANISHED, staged=None, cut_off=True),
        replace(WELL, booted=None, staged=None),
        replace(WELL, booted=AGAIN, staged=None, message=DENIED),
        replace(WELL, below_unsteady=True, staged=None),
    ],
)
def test_what_vanished_meanwhile_is_for_the_next_run(evidence: Evidence) -> None:
    """What lies there nevertheless was made for what is below it."""
    assert judge(evidence) == CHANGING


@pytest.mark.parametrize("staged", [None, HALF])
def test_what_rsync_did_not_get_to_before_it_ended_was_not_reached(staged: Entry | None) -> None:
    evidence = replace(WELL, staged=staged, cut_off=True)
    assert judge(evidence) == NOT_REACHED
    assert judge(replace(evidence, message=DENIED)) == failed(DENIED_IN_WORDS)
    assert judge(replace(evidence, cut_off=False)) == failed(DID_NOT_ARRIVE)


def test_a_file_without_its_time_goes_where_the_clone_cannot_keep_it() -> None:
    late = STAGED._replace(mtime=b"99.0")
    why = "the clone's file system cannot keep its time"
    assert judge(replace(WELL, staged=late)) == failed(why, goes=True)


@pytest.mark.parametrize("change", [{"mode": b"600"}, {"uid": b"0"}, {"gid": b"0"}, {"size": 3}])
def test_what_lacks_more_than_its_time_does_not_go(change: dict[str, bytes | int]) -> None:
    """With a wrong owner or mode it would let in those that the booted one does not."""
    for mtime in (PLANNED.mtime, b"99.0"):
        odd = STAGED._replace(mtime=mtime, **change)  # type: ignore[arg-type]
        assert judge(replace(WELL, staged=odd)) == failed(DID_NOT_ARRIVE)
        assert judge(replace(WELL, staged=odd, message=DENIED)) == failed(DENIED_IN_WORDS)


def test_a_directorys_time_is_no_reason_for_what_else_it_lacks() -> None:
    planned = directory(b"a")._replace(gid=b"4")
    there = directory(b"a")._replace(mtime=b"900.0")
    evidence = replace(WELL, planned=planned, booted=planned, staged=there)
    assert judge(evidence) == failed(DID_NOT_ARRIVE)
    assert judge(replace(evidence, staged=planned._replace(mtime=b"900.0"))) == Arrival(
        PathState.COPIED
    )


@pytest.mark.parametrize("staged", [None, STAGED, HALF])
@pytest.mark.parametrize("message", [None, VANISHED, DENIED])
def test_what_came_through_a_swapped_directory_never_goes_however_right_it_looks(
    staged: Entry | None, message: bytes | None
) -> None:
    found = judge(replace(WELL, staged=staged, message=message, booted=None, below_swapped=True))
    assert (found.state, found.goes) == (PathState.FAILED, False)
    assert "swapped" in found.why


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (DENIED, DENIED_IN_WORDS),
        (
            b'rsync: [receiver] rsync_xal_set: fsetxattr("/c/a","user.a") failed: No space (28)',
            "user.a: No space (28)",
        ),
        (
            b'rsync: rename "/c/.drdwrap.tmp/a.XC25F0" -> "a": Operation not permitted (1)',
            "Operation not permitted (1)",
        ),
        (
            b'rsync: [generator] failed to set times on "/c/a": Read-only file system (30)',
            "Read-only file system (30)",
        ),
        (b'rsync: read errors mapping "/b/a": No data (61)\x1b[2J', "No data (61)\\033[2J"),
        (b'rsync: something about "/b/a"', "rsync failed"),
        (
            b'rsync: [receiver] mkstemp "/c/" mkdir "b" failed: y" failed: No space (28)',
            "mkstemp failed: No space (28)",
        ),
        (
            b'rsync: [receiver] rsync_xal_set: fsetxattr("/c/a","user.a","user.b") failed: x (28)',
            "user.b: x (28)",
        ),
    ],
)
def test_the_reason_of_a_failure_is_rsyncs_without_the_path(message: bytes, words: str) -> None:
    assert judge(replace(WELL, staged=None, message=message)) == failed(words)


EVIDENCE = st.builds(
    Evidence,
    planned=st.just(PLANNED),
    booted=st.sampled_from([PLANNED, AGAIN, None]),
    staged=st.sampled_from([STAGED, HALF, STAGED._replace(uid=b"0"), directory(b"a"), None]),
    same_attributes=st.booleans(),
    message=st.sampled_from([None, DENIED, VANISHED]),
    cut_off=st.booleans(),
    below_swapped=st.booleans(),
    below_unsteady=st.booleans(),
)


@given(EVIDENCE)
def test_only_what_is_like_a_booted_file_that_did_not_change_is_called_copied(
    evidence: Evidence,
) -> None:
    if judge(evidence).state is PathState.COPIED:
        assert evidence.staged is not None
        assert evidence.staged.visible == PLANNED.visible
        assert evidence.booted == PLANNED
        assert evidence.same_attributes
        assert evidence.message is None
        assert not evidence.below_swapped


@given(EVIDENCE)
def test_nothing_goes_that_is_not_there_or_came_through_a_swapped_directory(
    evidence: Evidence,
) -> None:
    found = judge(evidence)
    if found.state is None or evidence.staged is None or evidence.below_swapped:
        assert not found.goes
    if found.goes and evidence.booted == PLANNED and not evidence.below_unsteady:
        assert evidence.staged is not None
        assert evidence.staged[1:5] == PLANNED[1:5]  # type, mode, owner and group


@given(EVIDENCE)
def test_a_failure_says_why_and_nothing_else_does(evidence: Evidence) -> None:
    found = judge(evidence)
    assert bool(found.why) == (found.state is PathState.FAILED)
