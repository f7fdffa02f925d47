"""What is kept together: a member is removed only when those that are copied have arrived.

A database with its old contents, and without the journal that it had, has lost what was in there.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from drdwrap.copying.arrival import plainly_arrived
from drdwrap.copying.work import Work

SetName = tuple[str, bytes]


@dataclass(frozen=True)
class Bound:
    """Planned deletions with the sets they share with copies, and the copies of each set."""

    deletions: Mapping[bytes, Sequence[SetName]]
    copies: Mapping[SetName, Sequence[bytes]]


def bound_deletions(work: Work) -> Bound:
    """Those of the planned deletions that belong together with something that is copied."""
    plan, kept_together = work.seen.plan, work.run.kept_together
    copies: dict[SetName, list[bytes]] = defaultdict(list)
    for path in plan.copies if plan.deletions else ():
        for name in kept_together.sets_of(path):
            copies[name].append(path)
    deletions: dict[bytes, list[SetName]] = {}
    for candidate in plan.deletions:
        for name in kept_together.sets_of(candidate.path):
            if name in copies:
                deletions.setdefault(candidate.path, []).append(name)
    return Bound(deletions, copies)


def waiting(work: Work, bound: Bound) -> dict[bytes, bytes]:
    """After the copy: the deletions that have to wait, each with what has not arrived."""
    used = {name for names in bound.deletions.values() for name in names}
    missing = {name: _first_missing(work, bound.copies[name]) for name in used}
    return {
        path: member
        for path, names in bound.deletions.items()
        for name in names
        if (member := missing[name]) is not None
    }


def _first_missing(work: Work, paths: Sequence[bytes]) -> bytes | None:
    trees, copies = work.run.trees, work.seen.plan.copies
    for path in paths:
        if work.is_left_out(path) or not plainly_arrived(copies[path], trees, work.copied):
            return path
    return None
