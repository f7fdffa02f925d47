"""Remove single paths from the clone, each only if it still is what was planned."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import entry_at
from drdwrap.linux import run_note
from drdwrap.paths.arithmetic import parent
from drdwrap.sync.guard import Reached
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import PathState
from drdwrap.sync.move_in import take_out


@dataclass
class Removed:
    """What is gone; what was left because it is no longer as it was, and what failed, with why."""

    gone: set[bytes] = field(default_factory=set)
    left: dict[bytes, str] = field(default_factory=dict)
    failed: dict[bytes, str] = field(default_factory=dict)


def remove_erased(candidates: Iterable[Candidate], job: Job) -> Removed:
    """Remove these paths, which were erased on the booted system, from the clone, in this order.

    The booted system must still not have a path. The clone's must be as the scan saw it, below
    directories that are no links; a directory must be empty.
    """
    removed = Removed()
    reached = Reached(job)
    waiting = tuple(candidates)
    for at, candidate in enumerate(waiting, 1):
        run_note.note("removing what was erased", f"{at:,} of {len(waiting):,} files")
        path, planned = candidate.path, candidate.clone
        try:
            now = job.on_clone(path)
            if now is None:
                removed.gone.add(path)
            elif entry_at(job.trees.booted.root, path) is not None:
                removed.left[path] = "it is back on the booted system"
            elif planned is None or not job.is_as_before(now, planned):
                removed.left[path] = PathState.CHANGED.value
            elif not reached.by_directories(parent(path)):
                removed.left[path] = "it is no longer below a directory"
            elif now.is_directory:
                os.rmdir(job.clone_path(path))
                removed.gone.add(path)
            elif why := take_out(job.staging, path, now):
                removed.left[path] = why
            else:
                removed.gone.add(path)
        except OSError as error:
            removed.failed[path] = os.strerror(error.errno or 0)
    return removed
