"""The reports: one path a line, whatever its name, all replaced by every run."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from drdwrap import reports
from drdwrap.changes.decision_table import Outcome
from drdwrap.errors import DrdwrapError
from drdwrap.paths.escaping import for_report, unescaped

COPY, ERASED = Outcome.COPY.value, Outcome.ERASED.value


@pytest.fixture
def directory(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path / "sync")


def content(directory: bytes, name: str) -> bytes:
    return Path(os.fsdecode(directory), name).read_bytes()


def test_a_report_has_absolute_paths_sorted_by_their_bytes(directory: bytes) -> None:
    paths = [b"etc/motd", b"a", b"etc", b"B", b"\xff", b"etc-"]
    reports.write(directory, {Outcome.COPY: paths})
    assert content(directory, COPY) == b"/B\n/a\n/etc\n/etc-\n/etc/motd\n/\xff\n"
    assert reports.read(directory, COPY) == [b"/" + path for path in sorted(paths)]


def test_a_line_is_a_path_whatever_its_name(directory: bytes) -> None:
    paths = [b"new\nline", b"tab\t", b"back\\slash", b"\\012", b"\xc3\xa4", b"\x1b[2J"]
    reports.write(directory, {Outcome.OWNER: paths})
    lines = content(directory, Outcome.OWNER.value).splitlines()
    assert b"/new\\012line" in lines
    assert b"/\\134012" in lines
    assert b"/\xc3\xa4" in lines
    assert sorted(reports.read(directory, "owner")) == sorted(b"/" + path for path in paths)


@given(st.binary())
def test_every_name_is_read_back(name: bytes) -> None:
    written = for_report(name)
    assert b"\n" not in written
    assert unescaped(written) == name


def test_every_report_is_written_anew_and_an_empty_one_where_there_is_nothing(
    directory: bytes,
) -> None:
    reports.write(directory, {outcome: [b"old"] for outcome in reports.REPORTS})
    reports.write(directory, {Outcome.ERASED: [b"new"]})
    assert content(directory, ERASED) == b"/new\n"
    assert content(directory, COPY) == b""
    assert sorted(os.listdir(directory)) == sorted(
        outcome.value.encode() for outcome in reports.REPORTS
    )
    assert os.stat(directory).st_mode & 0o777 == 0o700
    assert all(os.stat(directory + b"/" + n).st_mode & 0o077 == 0 for n in os.listdir(directory))


def test_what_has_no_report_of_its_own_is_in_none(directory: bytes) -> None:
    rest = [outcome for outcome in Outcome if outcome not in reports.REPORTS]
    reports.write(directory, {outcome: [b"a"] for outcome in rest})
    assert {content(directory, outcome.value) for outcome in reports.REPORTS} == {b""}


def test_a_report_has_two_names(directory: bytes) -> None:
    for number, (outcome, (short, _)) in enumerate(reports.REPORTS.items()):
        reports.write(directory, {outcome: [b"%d" % number]})
        assert reports.read(directory, short) == [b"/%d" % number]
        assert reports.read(directory, outcome.value) == [b"/%d" % number]


def test_the_reports_are_those_of_drd_and_two_more() -> None:
    assert [outcome.value for outcome in reports.REPORTS] == [
        "files_to_be_copied_by_drd_sync",
        "filtered_out_by_non_synced_location_filter_sync_phase",
        "filtered_out_by_target_changed_filter_sync_phase",
        "filtered_out_by_nonvolatile_filter_sync_phase",
        "filtered_out_by_volatile_filter_sync_phase",
        "filtered_out_by_owner_filter_sync_phase",
        "erased_on_booted_system",
        "changed_on_clone_only",
    ]
    assert [short for short, _ in reports.REPORTS.values()] == [
        "files_to_be_copied",
        "non_synced_location",
        "target_changed",
        "nonvolatile",
        "volatile",
        "owner",
        "erased_on_booted_system",
        "changed_on_clone_only",
    ]


def test_the_names_are_those_of_reports_that_are_there(directory: bytes) -> None:
    assert reports.names(directory) == []
    reports.write(directory, {})
    os.remove(os.path.join(directory, ERASED.encode()))
    assert reports.names(directory) == [o.value for o in reports.REPORTS if o.value != ERASED]


def test_a_report_that_is_not_there_is_an_error_with_what_to_do(directory: bytes) -> None:
    with pytest.raises(DrdwrapError) as not_yet:
        reports.read(directory, "owner")
    assert "preview" in not_yet.value.hint
    for unknown in ("in step", "reason", ""):
        with pytest.raises(DrdwrapError) as error:
            reports.read(directory, unknown)
        assert repr(unknown) in error.value.message
        assert error.value.hint


def test_what_was_in_a_directory_that_gave_way_is_reported_as_erased() -> None:
    assert Outcome.REPLACED.reported is Outcome.ERASED
    assert all(o.reported is o for o in Outcome if o is not Outcome.REPLACED)
