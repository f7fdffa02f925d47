"""What has become of one path, judged by the evidence: each kind of arrival, and which goes
first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from unit.entries import changed, directory, edited, new
from unit.sync.given import BEFORE, BOOTED, DENIED, HALF, MINE, PUT, Given, nobodys

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry
from drdwrap.sync.arrival import Arrival, Arrived, judge

CHANGED_AGAIN = Given(booted=edited(BOOTED, b"990.0"))


def test_what_looks_right_and_has_the_same_attributes_has_arrived() -> None:
    assert judge(Given()) == Arrived(Arrival.COPIED, PUT)


def test_it_is_recorded_as_rsync_left_it_so_that_a_later_touch_is_looked_at() -> None:
    touched = PUT._replace(ctime=b"990.0")
    assert judge(Given(clone=touched)) == Arrived(Arrival.COPIED, PUT)
    assert judge(Given(clone=touched, made=None)) == Arrived(Arrival.COPIED, touched)
    assert judge(Given(clone=touched, made=HALF)) == Arrived(Arrival.COPIED, touched)
    linked = PUT._replace(links=2)
    assert judge(Given(clone=linked)) == Arrived(Arrival.COPIED, linked)
    assert judge(Given(clone=touched, made=linked)) == Arrived(Arrival.COPIED, touched)


@pytest.mark.parametrize("message", [None, DENIED])
def test_what_was_copied_before_it_changed_again_has_arrived_as_it_was(
    message: bytes | None,
) -> None:
    error = OSError(5, "")
    for booted in (None, edited(BOOTED, b"990.0"), BOOTED._replace(inode=b"77")):
        evidence = Given(booted=booted, message=message, same_attributes=error)
        assert judge(evidence) == Arrived(Arrival.COPIED, PUT)


def test_what_cannot_be_looked_at_has_failed() -> None:
    found = judge(Given(same_attributes=OSError(5, "")))
    assert found == Arrived(Arrival.FAILED, None, "Input/output error")


@pytest.mark.parametrize("clone", [None, BEFORE, HALF])
def test_what_changes_meanwhile_on_the_booted_system_is_for_the_next_run(
    clone: Entry | None,
) -> None:
    moved = BOOTED._replace(ctime=b"990.0")
    vanished = b'rsync: [sender] link_stat "/b/a" failed: No such file or directory (2)'
    for evidence in (
        CHANGED_AGAIN,
        Given(booted=None),
        Given(booted=moved),
        Given(below_unsteady=True),
        Given(message=vanished),
    ):
        here = replace(evidence, clone=clone, made=clone, cut_off=True)
        assert judge(here) == Arrived(Arrival.CHANGING, clone)


def test_a_change_of_the_clones_stays_and_a_message_about_it_is_passed_on() -> None:
    for evidence in (Given(clone=MINE), Given(clone=MINE, made=MINE, its_work=nobodys)):
        assert judge(evidence) == Arrived(Arrival.OVERTAKEN, MINE)
        told = replace(evidence, message=DENIED)
        words = "mkstemp failed: Operation not permitted (1)"
        assert judge(told) == Arrived(Arrival.OVERTAKEN, MINE, words)
        # What changes on both sides at that moment says nothing.
        for other in (replace(told, booted=None), replace(told, below_unsteady=True)):
            assert judge(other) == Arrived(Arrival.OVERTAKEN, MINE)


def test_whether_it_is_the_runs_own_work_depends_on_whether_the_booted_one_was_changing() -> None:
    evidence = Given(clone=HALF, made=HALF, its_work=bool)
    assert judge(evidence).arrival is Arrival.OVERTAKEN
    assert judge(replace(evidence, booted=None)).arrival is Arrival.CHANGING


@pytest.mark.parametrize("clone", [None, BEFORE, HALF])
def test_what_rsync_did_not_get_to_before_it_ended_was_not_reached(clone: Entry | None) -> None:
    evidence = Given(clone=clone, made=clone, cut_off=True)
    assert judge(evidence) == Arrived(Arrival.NOT_REACHED, clone)
    assert judge(replace(evidence, message=DENIED)).arrival is Arrival.FAILED
    assert judge(replace(evidence, cut_off=False)).arrival is not Arrival.NOT_REACHED


def test_what_looked_alike_before_has_arrived_only_if_rsync_went_through_its_list() -> None:
    """Where contents alone differ, what the clone had looks right from the beginning."""
    alike = Candidate(b"a", BOOTED, BOOTED, PUT, PUT, "contents")
    evidence = Given(candidate=alike, clone=PUT, made=PUT)
    assert judge(evidence) == Arrived(Arrival.COPIED, PUT)
    assert judge(replace(evidence, cut_off=True)) == Arrived(Arrival.NOT_REACHED, PUT)
    now = PUT._replace(ctime=b"950.0", inode=b"9")
    done = replace(evidence, cut_off=True, clone=now, made=now)
    assert judge(done) == Arrived(Arrival.COPIED, now)


def test_a_name_that_was_left_behind_is_no_change_of_the_clones() -> None:
    before = BEFORE._replace(links=2)
    now = BEFORE._replace(ctime=b"900.0")
    evidence = Given(
        candidate=changed(before), clone=now, made=None, left_behind=True, its_work=nobodys
    )
    assert judge(replace(evidence, cut_off=True)) == Arrived(Arrival.NOT_REACHED, now)
    assert judge(replace(evidence, left_behind=False)) == Arrived(Arrival.OVERTAKEN, now)


def test_a_message_about_a_path_that_looks_right_says_that_not_all_of_it_is() -> None:
    found = judge(Given(message=DENIED))
    assert found.arrival is Arrival.FAILED
    assert found.clone == PUT


def test_attributes_that_are_not_the_booted_systems_are_not_left_without_a_word() -> None:
    evidence = Given(same_attributes=False)
    odd = "its ACL or attributes are not those of the booted system"
    assert judge(evidence) == Arrived(Arrival.OVERTAKEN, PUT, odd)
    assert judge(replace(evidence, unexplained=True)).arrival is Arrival.FAILED
    assert judge(replace(evidence, cut_off=True)) == Arrived(Arrival.NOT_REACHED, PUT)


def test_a_time_that_the_clone_cannot_keep_is_said() -> None:
    late = PUT._replace(mtime=b"200.5")
    evidence = Given(clone=late, made=late, time_is_kept=False)
    why = "the clone's file system cannot keep its time"
    assert judge(evidence) == Arrived(Arrival.FAILED, late, why)
    assert judge(replace(evidence, time_is_kept=True)) == Arrived(Arrival.OVERTAKEN, late)
    more = late._replace(mode=b"600")
    assert judge(replace(evidence, clone=more, made=more)) == Arrived(Arrival.OVERTAKEN, more)


def test_a_directorys_time_is_no_reason_for_what_else_it_lacks() -> None:
    there = directory(b"a")
    planned = there._replace(gid=b"4", mtime=b"900.0")
    evidence = Given(candidate=changed(there, planned), booted=planned, clone=there, made=there)
    found = judge(replace(evidence, message=DENIED, time_is_kept=False))
    assert found == Arrived(Arrival.FAILED, there, "mkstemp failed: Operation not permitted (1)")


def test_what_is_gone_from_the_clone_again_was_taken_away_there() -> None:
    gone = Given(clone=None, made=PUT)
    assert judge(gone) == Arrived(Arrival.OVERTAKEN, None)
    words = "it did not arrive as it is on the booted system"
    assert judge(replace(gone, unexplained=True)) == Arrived(Arrival.FAILED, None, words)
    never_there = replace(gone, candidate=new(BOOTED), made=None)
    assert judge(never_there) == Arrived(Arrival.FAILED, None, words)


def test_what_is_as_it_was_without_a_message_did_not_arrive() -> None:
    words = "it did not arrive as it is on the booted system"
    for unexplained in (True, False):
        found = judge(Given(clone=BEFORE, made=BEFORE, unexplained=unexplained))
        assert found == Arrived(Arrival.FAILED, BEFORE, words)


@pytest.mark.parametrize("clone", [None, BEFORE, PUT])
def test_what_came_through_a_swapped_directory_is_no_copy_however_right_it_looks(
    clone: Entry | None,
) -> None:
    evidence = Given(below_swapped=True, clone=clone, made=PUT, booted=None)
    assert judge(evidence) == Arrived(Arrival.SWAPPED, clone)
    assert judge(replace(evidence, message=DENIED, cut_off=True)).arrival is Arrival.SWAPPED


def test_what_somebody_changed_below_a_swapped_directory_is_the_clones() -> None:
    evidence = Given(below_swapped=True, clone=MINE, booted=None)
    assert judge(evidence) == Arrived(Arrival.OVERTAKEN, MINE)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (DENIED, "mkstemp failed: Operation not permitted (1)"),
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
    ],
)
def test_the_reason_of_a_failure_is_rsyncs_without_the_path(message: bytes, words: str) -> None:
    found = judge(Given(clone=BEFORE, made=BEFORE, message=message))
    assert found == Arrived(Arrival.FAILED, BEFORE, words)
