"""A schedule for cron: everything wrong is named, and the next run is right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from drdwrap.errors import RefusedError
from drdwrap.install.cron_schedule import WORDS, parse

LIMITS = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))


def elements(first: int, last: int) -> st.SearchStrategy[str]:
    numbers = st.integers(first, last)
    ranges = st.tuples(numbers, numbers).map(lambda pair: f"{min(pair)}-{max(pair)}")
    stepped = st.tuples(st.one_of(st.just("*"), ranges), st.integers(1, last))
    return st.one_of(
        st.just("*"), numbers.map(str), ranges, stepped.map(lambda pair: f"{pair[0]}/{pair[1]}")
    )


def fields(first: int, last: int) -> st.SearchStrategy[str]:
    return st.lists(elements(first, last), min_size=1, max_size=3).map(",".join)


SCHEDULES = st.tuples(*(fields(*limits) for limits in LIMITS))
MOMENTS = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1))


def matches(text: str, value: int, first: int, last: int) -> bool:
    """A second reading of crontab(5)."""
    for element in text.split(","):
        span, _, step = element.partition("/")
        low, _, high = (f"{first}-{last}" if span == "*" else span).partition("-")
        if int(low) <= value <= int(high or low) and (value - int(low)) % int(step or 1) == 0:
            return True
    return False


def runs_at(schedule: tuple[str, ...], moment: datetime) -> bool:
    minute, hour, day, month, weekday = (
        (text, *limits) for text, limits in zip(schedule, LIMITS, strict=True)
    )
    of_month = matches(day[0], moment.day, *day[1:])
    number = moment.isoweekday()
    of_week = any(matches(weekday[0], one, *weekday[1:]) for one in {number, number % 7})
    starred = schedule[2].startswith("*") or schedule[4].startswith("*")
    return (
        matches(minute[0], moment.minute, *minute[1:])
        and matches(hour[0], moment.hour, *hour[1:])
        and matches(month[0], moment.month, *month[1:])
        and (of_month and of_week if starred else of_month or of_week)
    )


@given(SCHEDULES, MOMENTS)
@example(("0", "0", "29", "2", "*"), datetime(2096, 3, 1))
@example(("0", "0", "13", "*", "5"), datetime(2026, 1, 1))
def test_the_next_run_matches_and_none_before_it_does(
    schedule: tuple[str, ...], moment: datetime
) -> None:
    try:
        found = parse(" ".join(schedule)).next_after(moment)
    except RefusedError as refused:
        assert "no such day" in refused.message  # 30 February
        return
    assert found is not None and found > moment
    assert runs_at(schedule, found)
    before = found - timedelta(minutes=1)
    for _ in range(2000):
        if before <= moment:
            break
        assert not runs_at(schedule, before)
        before -= timedelta(minutes=1)


@given(st.text(max_size=30))
def test_anything_else_is_refused_in_words(text: str) -> None:
    try:
        found = parse(text)
    except RefusedError as refused:
        assert refused.message and refused.hint
    else:
        assert found.text == text.strip() or found.text == " ".join(text.split())


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "0 fields"),
        ("* * * *", "4 fields"),
        ("* * * * * *", "6 fields"),
        ("60 * * * *", "minute '60': 60 is not within 0 to 59"),
        ("* 24 * * *", "hour '24': 24 is not within 0 to 23"),
        ("* * 0 * *", "day of the month '0'"),
        ("* * * 13 *", "month '13'"),
        ("* * * * 8", "day of the week '8'"),
        ("* * * foo *", "'foo' is not a number, or one of jan"),
        ("mon * * * *", "'mon' is not a number"),
        ("5-1 * * * *", "5-1 ends before it begins"),
        ("*/0 * * * *", "a step of 0"),
        ("*/x * * * *", "the step 'x'"),
        ("3/5 * * * *", "a step needs a range"),
        ("1,,2 * * * *", "a value is missing"),
        ("-5 * * * *", "a value is missing"),
        ("٣ * * * *", "is not a number"),
        ("0 0 31 2,4,6 *", "no such day"),
        ("@reboot", "no @reboot"),
    ],
)
def test_what_is_wrong_is_named(text: str, what: str) -> None:
    with pytest.raises(RefusedError) as refused:
        parse(text)
    assert what in refused.value.message


def test_everything_wrong_is_named_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        parse("61 25 * * *")
    assert "61" in refused.value.message and "25" in refused.value.message


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("17 3 * * *", "2026-11-26 03:17"),
        ("*/20 * * * *", "2026-11-25 13:20"),
        ("0 6 * * Mon-Fri", "2026-11-26 06:00"),
        ("0 6 * * sun", "2026-11-29 06:00"),
        ("0 6 * * 7", "2026-11-29 06:00"),
        ("0 0 1 JAN *", "2027-01-01 00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00"),
        ("0 0 1 * 5", "2026-11-27 00:00"),
        ("@daily", "2026-11-26 00:00"),
    ],
)
def test_the_next_run(text: str, expected: str) -> None:
    found = parse(text).next_after(datetime(2026, 11, 25, 13, 5, 30))
    assert found == datetime.fromisoformat(expected)


@pytest.mark.parametrize("word", WORDS)
def test_words_stay_as_they_are(word: str) -> None:
    assert parse(word).text == word


def test_blanks_become_single_ones() -> None:
    assert parse(" 1\t2  * *\n*").text == "1 2 * * *"
