"""What was erased on the booted system is removed from the clone, after the copy if there is room.

A member of a set that is kept together is removed only when those that are copied have arrived: a
database with its old contents, and without the journal that it had, has lost what was in there.
"""

from collections.abc import Mapping, Sequence

from drdwrap.log import Log
from drdwrap.paths.arithmetic import ancestors
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import removal, space
from drdwrap.sync.arrival import plainly_arrived
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


def make_room(job: Job, ledger: Ledger, bound: Bound) -> None:
    """Remove before the copy what would be removed after it. What belongs together with something
    that is copied goes only if there is no room otherwise."""
    deletions = job.plan.deletions
    later = bound.keys() | {one for path in bound for one in ancestors(path)}
    first = removal.remove([c for c in deletions if c.path not in later], job, still_erased=True)
    ledger.note_all(first.gone, PathState.REMOVED)
    if not all(room.enough for room in space.tight_rooms(job.copies, (), job.trees, job.pair)):
        rest = removal.remove(deletions, job, still_erased=True)
        ledger.note_all(rest.gone, PathState.REMOVED)


def remove_erased(job: Job, ledger: Ledger, bound: Bound, transcript: Transcript, log: Log) -> None:
    """After the copy: remove what was erased on the booted system, except what has to wait for
    something that has not arrived, and the directories that hold it."""
    waiting = _waiting(job, ledger, bound, transcript)
    staying = waiting.keys() | {one for path in waiting for one in ancestors(path)}
    deletions = [c for c in job.plan.deletions if c.path not in staying]
    if deletions:
        log.item(f"Removing {len(deletions)} files erased on the booted system.")
    removed = removal.remove(deletions, job, still_erased=True)
    ledger.note_all(removed.gone, PathState.REMOVED)
    for path, why in removed.left.items():
        ledger.note(path, PathState.NOT_REMOVED, why)
    for path, member in waiting.items():
        why = f"kept together with /{for_screen(member)}, which has not arrived"
        ledger.note(path, PathState.NOT_REMOVED, why)
    for path, why in removed.failed.items():
        ledger.note(path, PathState.REMOVAL_FAILED, why)


def _waiting(job: Job, ledger: Ledger, bound: Bound, transcript: Transcript) -> dict[bytes, bytes]:
    """After the copy: the deletions that have to wait, each with what has not arrived."""
    used = {name for names in bound.values() for name in names}
    missing = {name: _first_missing(job, ledger, job.sets[name], transcript) for name in used}
    return {
        path: member
        for path, names in bound.items()
        for name in names
        if not ledger.has(path, PathState.REMOVED) and (member := missing[name]) is not None
    }


def _first_missing(
    job: Job, ledger: Ledger, paths: Sequence[bytes], transcript: Transcript
) -> bytes | None:
    for path in paths:
        if ledger.is_left_out(path) or not _has_come(job, ledger, path, transcript):
            return path
    return None


def _has_come(job: Job, ledger: Ledger, path: bytes, transcript: Transcript) -> bool:
    """Whether a path has arrived: the clone's is no longer the one it had before the copy (even if
    the booted one has changed again since), or it is what was planned. It has also come if the
    clone never had it and it has vanished again on the booted system."""
    candidate = job.copies[path]
    try:
        now = job.on_clone(path)
    except OSError:
        return False
    if now is not None and now != candidate.clone:
        return True
    if now is None and candidate.clone is None and job.on_booted(path) is None:
        return True
    made = ledger.made.get(path)
    return plainly_arrived(candidate, job.trees, transcript, made) is not None
