"""What is kept together: a member is removed only when those that are copied have arrived.

A database with its old contents, and without the journal that it had, has lost what was in there.
"""

from collections.abc import Mapping, Sequence

from drdwrap.copying.arrival import plainly_arrived
from drdwrap.copying.work import Work
from drdwrap.trim.kept_together import SetName

Bound = Mapping[bytes, Sequence[SetName]]
"""Planned deletions with the sets they share with copies."""


def bound_deletions(work: Work) -> Bound:
    """Those of the planned deletions that belong together with something that is copied."""
    bound: dict[bytes, list[SetName]] = {}
    for candidate in work.seen.plan.deletions:
        for name in work.run.kept_together.sets_of(candidate.path):
            if name in work.sets:
                bound.setdefault(candidate.path, []).append(name)
    return bound


def waiting(work: Work, bound: Bound) -> dict[bytes, bytes]:
    """After the copy: the deletions that have to wait, each with what has not arrived."""
    used = {name for names in bound.values() for name in names}
    missing = {name: _first_missing(work, work.sets[name]) for name in used}
    return {
        path: member
        for path, names in bound.items()
        for name in names
        if (member := missing[name]) is not None
    }


def _first_missing(work: Work, paths: Sequence[bytes]) -> bytes | None:
    for path in paths:
        if work.is_left_out(path) or not _has_come(work, path):
            return path
    return None


def _has_come(work: Work, path: bytes) -> bool:
    """Whether the clone has another one than before, be it that the booted one has changed again,
    or what was to come of it."""
    candidate = work.seen.plan.copies[path]
    try:
        now = work.on_clone(path)
    except OSError:
        return False
    if now is not None and now != candidate.clone:
        return True
    return plainly_arrived(candidate, work.run.trees, work.copied) is not None
