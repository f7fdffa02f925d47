"""What was erased on the booted system is removed from the clone, after the copy if there is room.

A member of a set that is kept together is removed only when those that are copied have arrived: a
database with its old contents, and without the journal that it had, has lost what was in there.
"""

from collections.abc import Mapping, Sequence

from drdwrap.log import Log
from drdwrap.paths.arithmetic import all_above
from drdwrap.paths.escaping import for_screen
from drdwrap.sync import removal
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.trim.kept_together import SetName

Bound = Mapping[bytes, Sequence[SetName]]
"""Planned deletions with the sets they share with copies."""


def bound(job: Job) -> Bound:
    """Those of the planned deletions that belong together with something that is copied."""
    found: dict[bytes, list[SetName]] = {}
    for candidate in job.plan.deletions:
        for name in job.kept_together.sets_of(candidate.path):
            if name in job.sets:
                found.setdefault(candidate.path, []).append(name)
    return found


def remove(job: Job, ledger: Ledger, bound: Bound, log: Log) -> None:
    """After the copy: remove what was erased on the booted system, except what has to wait for
    something that has not arrived, and the directories that hold it."""
    waiting = _waiting(job, ledger, bound)
    staying = waiting.keys() | all_above(waiting)
    deletions = [c for c in job.plan.deletions if c.path not in staying]
    if deletions:
        log.item(f"Removing {len(deletions)} files erased on the booted system.")
    removed = removal.remove_erased(deletions, job)
    ledger.note_all(removed.gone, PathState.REMOVED)
    for path, why in removed.left.items():
        ledger.note(path, PathState.NOT_REMOVED, why)
    for path, member in waiting.items():
        why = f"kept together with /{for_screen(member)}, which has not arrived"
        ledger.note(path, PathState.NOT_REMOVED, why)
    for path, why in removed.failed.items():
        ledger.note(path, PathState.REMOVAL_FAILED, why)


def _waiting(job: Job, ledger: Ledger, bound: Bound) -> dict[bytes, bytes]:
    """After the copy: the deletions that have to wait, each with what has not arrived."""
    used = {name for names in bound.values() for name in names}
    missing = {name: _first_missing(job, ledger, job.sets[name]) for name in used}
    gone = ledger.removed()
    return {
        path: member
        for path, names in bound.items()
        for name in names
        if path not in gone and (member := missing[name]) is not None
    }


def _first_missing(job: Job, ledger: Ledger, paths: Sequence[bytes]) -> bytes | None:
    return next((path for path in paths if not _has_come(job, ledger, path)), None)


def _has_come(job: Job, ledger: Ledger, path: bytes) -> bool:
    """Whether a path was put, or was new and has vanished again on the booted system."""
    note = ledger.copies.get(path)
    if note is None or note.put is not None:
        return note is not None
    vanished = note.state is PathState.CHANGING and job.copies[path].clone is None
    return vanished and job.on_booted(path) is None
