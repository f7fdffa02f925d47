"""The five fields, or the one word, that say when cron runs a command: crontab(5).

This parser is our own: croniter is no dependency, and accepts what cron refuses (seconds, L, #,
hashed fields).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from drdwrap.errors import RefusedError

WORDS = {
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
    "@monthly": "0 0 1 * *",
    "@weekly": "0 0 * * 0",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@hourly": "0 * * * *",
}

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_DAYS = "sun mon tue wed thu fri sat".split()
_YEARS = 8
"""From one 29 February to the next, across a year like 2100 that has none."""


@dataclass(frozen=True)
class _Field:
    """A field: its name, its range of numbers, and names for some of them."""

    name: str
    first: int
    last: int
    names: dict[str, int]


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, {name: number for number, name in enumerate(_MONTHS, 1)}),
    _Field("day of the week", 0, 7, {name: number for number, name in enumerate(_DAYS)}),
)
_EXAMPLE = "such as '17 3 * * *': minute, hour, day of the month, month, day of the week"


@dataclass(frozen=True)
class Schedule:
    """When to run. `text` is what cron gets; the sets are the numbers that match.

    Days of the week are 0 for Sunday to 6 for Saturday. With `either_day`, both kinds of days are
    restricted, and cron runs on days that match one of them.
    """

    text: str
    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool

    def next_after(self, moment: datetime) -> datetime | None:
        """The first run after `moment` (local time, as cron has it), or None if there is none."""
        first = moment.replace(second=0, microsecond=0) + timedelta(minutes=1)
        for number in range(_YEARS * 366):
            day = first.date() + timedelta(days=number)
            if self._on(day):
                times = self._times(first.time() if number == 0 else time())
                if found := min(times, default=None):
                    return datetime.combine(day, found)
        return None

    def _on(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        of_month, of_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return of_month or of_week if self.either_day else of_month and of_week

    def _times(self, since: time) -> Iterable[time]:
        every = (time(hour, minute) for hour in self.hours for minute in self.minutes)
        return (one for one in every if one >= since)


def parse(text: str) -> Schedule:
    """The schedule that `text` describes. RefusedError that names everything wrong with it."""
    fields = text.split()
    if len(fields) == 1 and fields[0].startswith("@"):
        if fields[0] not in WORDS:
            known = ", ".join(WORDS)
            raise RefusedError(f"schedule {text!r}: there is no {fields[0]}", f"there are {known}")
        fields = WORDS[fields[0]].split()
        shown = text.strip()
    else:
        shown = " ".join(fields)
    if len(fields) != len(_FIELDS):
        raise RefusedError(f"schedule {text!r} has {len(fields)} fields instead of 5", _EXAMPLE)
    problems: list[str] = []
    values = [_values(*pair, problems) for pair in zip(fields, _FIELDS, strict=True)]
    if problems:
        raise RefusedError(f"schedule {text!r}: {'; '.join(problems)}", _EXAMPLE)
    minutes, hours, days, months, weekdays = values
    either = not fields[2].startswith("*") and not fields[4].startswith("*")
    schedule = Schedule(
        shown, minutes, hours, days, months, frozenset(day % 7 for day in weekdays), either
    )
    if schedule.next_after(datetime(2000, 1, 1)) is None:
        raise RefusedError(f"schedule {text!r}: there is no such day", _EXAMPLE)
    return schedule


def _values(text: str, field: _Field, problems: list[str]) -> frozenset[int]:
    """The numbers that a list stands for. What is wrong with it goes to `problems`."""
    found: set[int] = set()
    for element in text.split(","):
        try:
            found.update(_element(element, field))
        except ValueError as error:
            problems.append(f"{field.name} {text!r}: {error}")
    return frozenset(found)


def _element(text: str, field: _Field) -> range:
    """The numbers of `*`, a value or a range; `*` and a range may have a step. ValueError."""
    span, slash, step = text.partition("/")
    first, dash, last = span.partition("-")
    if slash and not _is_number(step):
        raise ValueError(f"the step {step!r} is not a number")
    if slash and int(step) == 0:
        raise ValueError("a step of 0 is not possible")
    if span == "*":
        return range(field.first, field.last + 1, int(step or 1))
    begin = _value(first, field)
    end = _value(last, field) if dash else begin
    if slash and not dash:
        raise ValueError(f"a step needs a range, as in */{step} or {first}-{field.last}/{step}")
    if end < begin:
        raise ValueError(f"the range {span} ends before it begins")
    return range(begin, end + 1, int(step or 1))


def _value(text: str, field: _Field) -> int:
    if text.lower() in field.names:
        return field.names[text.lower()]
    if not _is_number(text):
        names = f", or one of {', '.join(field.names)}" if field.names else ""
        raise ValueError(f"{text!r} is not a number{names}" if text else "a value is missing")
    if not field.first <= int(text) <= field.last:
        raise ValueError(f"{text} is not within {field.first} to {field.last}")
    return int(text)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) < 6
