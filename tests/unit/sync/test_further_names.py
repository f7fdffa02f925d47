"""rsync copies one name of a file; the others are made beside what it has copied; on real files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from unit.sync.jobs import Sides

from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.further_names import further_names, link_names
from drdwrap.sync.job import Job

NAMES = (b"a", b"b", b"c")


@pytest.fixture
def linked(tmp_path: Path) -> Sides:
    sides = Sides(tmp_path)
    (sides.booted / "a").write_text("new")
    for name in ("b", "c"):
        os.link(sides.booted / "a", sides.booted / name)
    (sides.booted / "alone").write_text("new")
    return sides


def stage(job: Job, *paths: bytes) -> None:
    job.staging.make_parents(b"", NAMES)
    for path in paths:
        Path(os.fsdecode(job.staging.new(path))).write_text("new")


def said(job: Job, about: bytes) -> Transcript:
    transcript = Transcript()
    new = os.fsdecode(job.staging.new(about))
    line = f'rsync: [receiver] chown "{new}" failed: Operation not permitted (1)\n'
    transcript.note(os.fsencode(line), job.trees, job.copies)
    return transcript


def test_the_first_name_is_copied_and_a_single_one_is_no_further_name(linked: Sides) -> None:
    job = linked.job(*NAMES, b"alone")
    assert further_names(job, (*NAMES, b"alone")) == {b"b": b"a", b"c": b"a"}
    assert further_names(job, (b"b", b"c")) == {b"c": b"b"}
    assert further_names(job, (b"c", b"alone")) == {}


@pytest.mark.parametrize("other", [False, True])
def test_a_name_that_is_gone_or_is_another_file_is_not_the_one(linked: Sides, other: bool) -> None:
    job = linked.job(*NAMES)
    (linked.booted / "a").unlink()
    if other:
        (linked.booted / "a").write_text("another")
    assert further_names(job, NAMES) == {b"a": b"b", b"c": b"b"}


def test_with_all_names_gone_one_of_them_is_asked_for(linked: Sides) -> None:
    job = linked.job(*NAMES)
    for name in ("a", "b", "c"):
        (linked.booted / name).unlink()
    assert further_names(job, NAMES) == {b"b": b"a", b"c": b"a"}


def test_the_others_are_made_and_bear_what_rsync_said_of_the_first(linked: Sides) -> None:
    job = linked.job(*NAMES)
    stage(job, b"a", b"b")  # b is of an rsync that was ended
    transcript = said(job, b"a")
    assert link_names(job, {b"b": b"a", b"c": b"a"}, transcript) == set()
    assert len({os.stat(job.staging.new(name)).st_ino for name in NAMES}) == 1
    about = {transcript.message_about(name) for name in NAMES}
    assert len(about) == 1
    assert about != {None}


def test_the_names_of_a_file_whose_first_name_has_vanished_come_back(linked: Sides) -> None:
    job = linked.job(*NAMES)
    stage(job)
    (linked.booted / "a").unlink()
    transcript = said(job, b"a")
    assert link_names(job, {b"b": b"a", b"c": b"a"}, transcript) == {b"b", b"c"}
    assert transcript.message_about(b"b") is None


def test_the_names_of_a_file_whose_first_name_is_another_file_come_back(linked: Sides) -> None:
    """What rsync has copied under that name may be the other file."""
    job = linked.job(*NAMES)
    stage(job, b"a")
    (linked.booted / "a").unlink()
    (linked.booted / "a").write_text("another")
    assert link_names(job, {b"b": b"a", b"c": b"a"}, Transcript()) == {b"b", b"c"}
    assert not os.path.lexists(job.staging.new(b"b"))


def test_what_did_not_arrive_is_not_linked_and_its_message_counts_for_all(linked: Sides) -> None:
    job = linked.job(*NAMES)
    stage(job)
    transcript = said(job, b"a")
    assert link_names(job, {b"b": b"a", b"c": b"a"}, transcript) == set()
    assert transcript.message_about(b"c") == transcript.message_about(b"a") is not None
    assert not os.path.lexists(job.staging.new(b"b"))


def test_a_name_that_cannot_be_made_is_told(linked: Sides) -> None:
    job = linked.job(*NAMES)
    stage(job, b"a")
    further = {b"c": b"a", b"not/there": b"a"}
    transcript = Transcript()
    assert link_names(job, further, transcript) == set()
    assert transcript.message_about(b"c") is None
    assert transcript.message_about(b"not/there") == b"link failed: No such file or directory"
