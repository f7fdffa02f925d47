"""What was erased on the booted system is removed from the clone, after the copy if there is room.

Of what is kept together a member is removed only when those that are copied have arrived: a
database with its old contents, and without the journal that it had, has lost what was in there.
"""

from collections.abc import Mapping, Sequence

from drdwrap.paths.arithmetic import ancestors
from drdwrap.paths.escaping import for_screen
from drdwrap.sync import removal, space
from drdwrap.sync.arrival import plainly_arrived
from drdwrap.sync.work import Work
from drdwrap.trim.kept_together import SetName

Bound = Mapping[bytes, Sequence[SetName]]
"""Planned deletions with the sets they share with copies."""


def bound(work: Work) -> Bound:
    """Those of the planned deletions that belong together with something that is copied."""
    found: dict[bytes, list[SetName]] = {}
    for candidate in work.seen.plan.deletions:
        for name in work.run.kept_together.sets_of(candidate.path):
            if name in work.sets:
                found.setdefault(candidate.path, []).append(name)
    return found


def make_room(work: Work, bound: Bound) -> None:
    """Remove before the copy what would be removed after it: what belongs together with something
    that is copied only if there is no room otherwise."""
    plan, run = work.seen.plan, work.run
    later = bound.keys() | {one for path in bound for one in ancestors(path)}
    work.gone |= removal.remove(
        [c for c in plan.deletions if c.path not in later], work, still_erased=True
    ).gone
    if not all(room.enough for room in space.tight_rooms(plan.copies, (), run.trees, run.pair)):
        work.gone |= removal.remove(plan.deletions, work, still_erased=True).gone


def remove_erased(work: Work, bound: Bound) -> None:
    """After the copy: remove what was erased on the booted system, but for what has to wait for
    something that has not arrived, and the directories that hold it."""
    waiting = _waiting(work, bound)
    staying = waiting.keys() | {one for path in waiting for one in ancestors(path)}
    deletions = [c for c in work.seen.plan.deletions if c.path not in staying]
    if deletions:
        work.run.log.item(f"Removing {len(deletions)} files erased on the booted system.")
    removed = removal.remove(deletions, work, still_erased=True)
    work.gone |= removed.gone
    for path, member in waiting.items():
        removed.left[path] = f"kept together with /{for_screen(member)}, which has not arrived"
    for path, why in removed.left.items():
        work.outcome.notes.append(f"/{for_screen(path)} is not removed: {why}")
    for path, why in removed.failed.items():
        work.outcome.warnings.append(f"/{for_screen(path)} could not be removed: {why}")


def _waiting(work: Work, bound: Bound) -> dict[bytes, bytes]:
    """After the copy: the deletions that have to wait, each with what has not arrived."""
    used = {name for names in bound.values() for name in names}
    missing = {name: _first_missing(work, work.sets[name]) for name in used}
    return {
        path: member
        for path, names in bound.items()
        for name in names
        if path not in work.gone and (member := missing[name]) is not None
    }


def _first_missing(work: Work, paths: Sequence[bytes]) -> bytes | None:
    for path in paths:
        if work.is_left_out(path) or not _has_come(work, path):
            return path
    return None


def _has_come(work: Work, path: bytes) -> bool:
    """Whether the clone has another one than before, though it be that the booted one has changed
    again, or what was to come; or it never had what has vanished again on the booted system."""
    candidate = work.seen.plan.copies[path]
    try:
        now = work.on_clone(path)
    except OSError:
        return False
    if now is not None and now != candidate.clone:
        return True
    if now is None and candidate.clone is None and work.on_booted(path) is None:
        return True
    return plainly_arrived(candidate, work.run.trees, work.copied, work.made.get(path)) is not None
