"""Ratios, targets met, and rendering of the bench."""

import pytest

from bench import table
from bench.contenders import DRDWRAP, FIND, RSYNC
from bench.table import CHANGED, FILL, UNCHANGED, Row, Sample, ScaleSample


def sample(
    scenario: str, contender: str, seconds: float, peak_kib: int = 1000, status: int = 0
) -> Sample:
    return Sample(scenario, contender, 0, seconds, seconds, peak_kib, peak_kib, status)


def row(measured: list[Row], contender: str) -> Row:
    return next(one for one in measured if one.contender == contender)


def scale(files: int, seconds: float) -> ScaleSample:
    return ScaleSample(files, files, sample(UNCHANGED, DRDWRAP, seconds))


def test_a_row_has_the_median_and_both_ratios() -> None:
    samples = [sample(UNCHANGED, DRDWRAP, seconds) for seconds in (2.0, 9.0, 1.0)]
    samples += [sample(UNCHANGED, RSYNC, seconds) for seconds in (5.0, 6.0, 5.5)]
    rsync = row(table.rows(samples), RSYNC)
    assert rsync.median_seconds == 5.5
    assert (rsync.fastest, rsync.slowest) == (5.0, 6.0)
    assert rsync.it_over_drdwrap == pytest.approx(2.75)
    assert rsync.drdwrap_over_it == pytest.approx(2 / 5.5)


@pytest.mark.parametrize(
    ("scenario", "other", "its_seconds", "met"),
    [
        (UNCHANGED, FIND, 10 / 1.7 + 0.01, True),
        (UNCHANGED, FIND, 10 / 1.7 - 0.01, False),
        (UNCHANGED, RSYNC, 25, True),
        (UNCHANGED, RSYNC, 24.9, False),
        (CHANGED, RSYNC, 20, True),
        (CHANGED, RSYNC, 19.9, False),
        (FILL, RSYNC, 10 / 1.1 + 0.01, True),
        (FILL, RSYNC, 10 / 1.1 - 0.01, False),
    ],
)
def test_each_target_is_judged_at_its_bound(
    scenario: str, other: str, its_seconds: float, met: bool
) -> None:
    measured = table.rows([sample(scenario, DRDWRAP, 10), sample(scenario, other, its_seconds)])
    assert row(measured, other).met is met
    assert len(table.missed(measured, [])) == (0 if met else 1)


def test_memory_is_judged_by_drdwraps_own_process() -> None:
    one = Sample(UNCHANGED, DRDWRAP, 0, 1, 1, peak_kib=600_000, own_peak_kib=400_000, exit_status=0)
    assert row(table.rows([one]), DRDWRAP).met is True
    assert row(table.rows([sample(UNCHANGED, DRDWRAP, 1, 500_000)]), DRDWRAP).met is False


def test_a_failed_run_is_not_in_the_median() -> None:
    samples = [sample(CHANGED, DRDWRAP, 0.1, status=1), sample(CHANGED, DRDWRAP, 3)]
    drdwrap = row(table.rows(samples), DRDWRAP)
    assert (drdwrap.median_seconds, drdwrap.runs, drdwrap.failed) == (3, 1, 1)


def test_without_drdwrap_there_is_no_ratio_and_no_target_met() -> None:
    measured = table.rows([sample(UNCHANGED, RSYNC, 5), sample(UNCHANGED, FIND, 1)])
    assert all(one.drdwrap_over_it is None and one.met is None for one in measured)
    assert table.missed(measured, []) == []


def test_a_contender_that_always_failed_is_shown_as_failed() -> None:
    measured = table.rows([sample(FILL, RSYNC, 5), sample(FILL, DRDWRAP, 1, status=1)])
    assert "failed" in table.render(measured, {}, markdown=False)


def test_time_per_file_may_fall_but_not_rise() -> None:
    assert table.flat([scale(1000, 1), scale(10_000, 5)]) is True
    assert table.flat([scale(1000, 1), scale(10_000, 12.1)]) is False
    assert table.flat([scale(1000, 1)]) is None


def test_markdown_has_a_heading_rule_and_what_was_met() -> None:
    measured = table.rows([sample(UNCHANGED, DRDWRAP, 1), sample(UNCHANGED, RSYNC, 3)])
    lines = table.render(measured, {"cold": "refused"}, markdown=True).splitlines()
    assert set(lines[1]) <= set("|-: ")
    assert "it/drdwrap ≥ 2.5" in lines[3] and "pass" in lines[3]
    assert lines[-1] == "cold: not measured: refused"


def test_the_scale_table_has_microseconds_per_entry() -> None:
    text = table.render_scale([scale(1000, 1), scale(2000, 2)], markdown=False)
    assert text.count("1000.00") == 2
    assert "pass" in text
