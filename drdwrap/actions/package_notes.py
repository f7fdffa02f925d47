"""What a run tells about the packages of both sides."""

from drdwrap.paths.escaping import for_screen
from drdwrap.sync.begin import Run
from drdwrap.sync.determine import Determined
from drdwrap.sync.result import RunResult
from drdwrap.trim.one_sided import BOOTED, CLONE, Data, data_of_one_side

_MOST = 5
"""Places that a warning names."""


def add_package_notes(run: Run, seen: Determined, result: RunResult, *, is_preview: bool) -> None:
    """Add notes and warnings where the packages could matter. That data stays on one side is a
    warning in a preview only: a sync every night has told it often enough."""
    if run.config.packages == "auto" and not run.managers:
        result.notes.append(
            "the booted system has no package database that drdwrap knows: all files are treated"
            " alike ('packages: none' silences this)"
        )
    if seen.packages.unreadable:
        result.warnings.append(f"{seen.packages.unreadable}: files of packages are not copied")
    elif different := seen.packages.different:
        some = ", ".join(sorted(different)[:3])
        result.notes.append(
            f"{len(different)} packages are not the same on both sides ({some}"
            f"{', ...' if len(different) > 3 else ''}): what package scripts write is not copied"
        )
        data = data_of_one_side(seen.candidates, seen.paths, seen.packages)
        (result.warnings if is_preview else result.notes).extend(
            _in_words(theirs, what)
            for side, what in (
                (BOOTED, "of packages that only the booted system has are not copied"),
                (CLONE, "of packages that only the clone has stay there"),
            )
            if (theirs := [one for one in data if one.side == side])
        )


def _in_words(data: list[Data], what: str) -> str:
    places = [f"/{for_screen(one.place)} ({one.size:,} bytes, of {one.package})" for one in data]
    more = len(places) - _MOST
    named = ", ".join(places[:_MOST]) + (f", and {more} more places" if more > 0 else "")
    return f"{sum(one.size for one in data):,} bytes of data {what}: {named}"
