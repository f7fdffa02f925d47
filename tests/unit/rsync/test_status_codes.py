"""What rsync's exit statuses mean."""

from __future__ import annotations

import pytest

from drdwrap.rsync.status_codes import Meaning, status_of


def test_every_exit_status_means_something() -> None:
    assert status_of(0).meaning is Meaning.DONE
    assert status_of(23).meaning is status_of(24).meaning is Meaning.PARTIAL
    for code in (*range(1, 23), *range(25, 40), -9, -15, 137):
        if code != 25:
            assert status_of(code).meaning is Meaning.CUT_OFF
            assert status_of(code).text


@pytest.mark.parametrize("code", [23, 24, 25])
def test_what_may_lack_single_files_was_gone_through(code: int) -> None:
    """rsync(1): partial transfer, vanished files, and the limit of deletions."""
    assert status_of(code).meaning is Meaning.PARTIAL


@pytest.mark.parametrize("code", [-1, -9, -15, 129, 137, 143])
def test_a_signal_is_told_from_rsyncs_own_statuses(code: int) -> None:
    assert status_of(code) == status_of(-9)
    assert status_of(code).meaning is Meaning.CUT_OFF
    assert status_of(code) not in (status_of(19), status_of(20), status_of(128))


def test_a_status_that_rsync_does_not_document_is_named() -> None:
    for code in (5, 99, 128):
        assert str(code) in status_of(code).text


def test_a_process_that_was_killed_is_told_as_that() -> None:
    for code in (10, 12, 13, 14, 15, 16):
        assert "was killed or crashed" in status_of(code).text


def test_a_full_disk_and_a_lack_of_features_are_told_apart() -> None:
    assert "full" in status_of(11).text
    assert "feature" in status_of(4).text
