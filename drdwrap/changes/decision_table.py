"""The table: booted and clone against the record, and what follows.

booted    clone                  outcome
same      same                   in step
changed   same                   copy
new       absent                 copy
new       present, identical     in step
new       present, different     target changed
changed   changed                target changed
changed   erased                 copy: the administrator asked for it
same      erased                 copy
changed   changed, identical     in step
same      changed                changed on the clone only
erased    same                   erased on the booted system
erased    changed                target changed
erased    erased                 forgotten
absent    present                the clone's own
"""

from enum import Enum

from drdwrap.changes.candidate import Candidate, Change, change
from drdwrap.inventory.entry import nanoseconds


class Outcome(Enum):
    """What is to become of a path. The values are the reports' names, where it stands in one."""

    IN_STEP = "in step"
    COPY = "files_to_be_copied_by_drd_sync"
    LOCATION = "filtered_out_by_non_synced_location_filter_sync_phase"
    TARGET_CHANGED = "filtered_out_by_target_changed_filter_sync_phase"
    NONVOLATILE = "filtered_out_by_nonvolatile_filter_sync_phase"
    VOLATILE = "filtered_out_by_volatile_filter_sync_phase"
    OWNER = "filtered_out_by_owner_filter_sync_phase"
    ERASED = "erased_on_booted_system"
    CLONE_ONLY = "changed_on_clone_only"
    FORGOTTEN = "forgotten"
    OWN = "the clone's own"
    REPLACED = "replaced with its directory"
    NOT_COMPARED = "not compared"

    @property
    def reported(self) -> "Outcome":
        """The outcome as reports have it: what was in a directory that has become something else
        counts as erased."""
        return Outcome.ERASED if self is Outcome.REPLACED else self


_TABLE = {
    (Change.SAME, Change.SAME): Outcome.IN_STEP,
    (Change.CHANGED, Change.SAME): Outcome.COPY,
    (Change.NEW, Change.ABSENT): Outcome.COPY,
    (Change.NEW, Change.NEW): Outcome.TARGET_CHANGED,
    (Change.CHANGED, Change.CHANGED): Outcome.TARGET_CHANGED,
    (Change.CHANGED, Change.ERASED): Outcome.COPY,
    (Change.SAME, Change.ERASED): Outcome.COPY,
    (Change.SAME, Change.CHANGED): Outcome.CLONE_ONLY,
    (Change.ERASED, Change.SAME): Outcome.ERASED,
    (Change.ERASED, Change.CHANGED): Outcome.TARGET_CHANGED,
    (Change.ERASED, Change.ERASED): Outcome.FORGOTTEN,
    (Change.ABSENT, Change.NEW): Outcome.OWN,
    (Change.ABSENT, Change.ABSENT): Outcome.FORGOTTEN,
}

REASONS = {
    Outcome.IN_STEP: "both sides are alike",
    Outcome.COPY: "changed on the booted system, and the clone still has what drdwrap put there",
    Outcome.TARGET_CHANGED: "changed on the clone as well: the clone's change wins",
    Outcome.ERASED: "erased on the booted system, and the clone has it as drdwrap put it",
    Outcome.CLONE_ONLY: "changed on the clone alone",
    Outcome.FORGOTTEN: "gone from both sides",
    Outcome.OWN: "the clone's own: the record knows no such path on the booted system",
    Outcome.REPLACED: "goes with its directory, which is something else on the booted system now",
    Outcome.NOT_COMPARED: "in a location that is not synchronized; both sides look alike",
}
"""In a sentence, for an explanation."""


def outcome(candidate: Candidate) -> Outcome:
    """The table's row for a candidate."""
    if candidate.identical:
        return Outcome.IN_STEP
    return _TABLE[candidate.changes]


def reason(candidate: Candidate, row: Outcome) -> str:
    """Why the table says `row`, where the side that decided it is worth naming."""
    booted, clone = candidate.changes
    if row is Outcome.COPY and clone is Change.ERASED:
        return "erased on the clone, which asks for the booted one"
    if row is Outcome.COPY and clone is Change.ABSENT:
        return "new on the booted system, and not on the clone"
    if row is Outcome.TARGET_CHANGED and _is_touched(candidate):
        return (
            "touched on the clone (its change time moved, for example by a change of mode and back,"
            " or by a link to it), and the booted one has changed: nothing tells whether the"
            " clone's is still what drdwrap put"
        )
    if row is Outcome.TARGET_CHANGED and booted is Change.NEW:
        return "both sides have it, they differ, and drdwrap put neither"
    if row is Outcome.TARGET_CHANGED and booted is Change.ERASED:
        return "erased on the booted system, but changed on the clone"
    return REASONS[row]


def _is_touched(candidate: Candidate) -> bool:
    return change(candidate.clone, candidate.clone_then) is Change.TOUCHED


def newer_wins(candidate: Candidate) -> bool:
    """DRD's own rule, for a clone without a record: is the booted one as new as the clone's?"""
    return (
        candidate.booted is not None
        and candidate.clone is not None
        and nanoseconds(candidate.booted.mtime) >= nanoseconds(candidate.clone.mtime)
    )
