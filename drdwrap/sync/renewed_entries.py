"""What the record has to say anew, although nothing was copied there."""

import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.beyond_lstat import hidden_difference
from drdwrap.inventory.entry import Entry, nanoseconds
from drdwrap.linux import clock, syscalls
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, Note, PathState
from drdwrap.sync.times_and_marker import worked_in


def moved_along(job: Job, ledger: Ledger, put: Collection[bytes]) -> dict[bytes, Entry]:
    """What has another change time on the clone now, by the copy's own doing alone: directories,
    and other names of files, as the clone has them now. What was `put` is not among it."""
    links = job.seen.comparison.clone_links
    moved = worked_in(job, ledger)
    if links is not None:
        moved |= links.names_of_all([*job.copies, *ledger.removed()])
    result = {}
    for path in moved - set(put):
        before = job.around.get(path) or _planned(job, path)
        if before is not None and job.is_recorded(path, ledger):
            with suppress(OSError):
                now = job.on_clone(path)
                if now and job.is_as_before(now, before):
                    result[path] = now
    return result


def _planned(job: Job, path: bytes) -> Entry | None:
    """The clone's entry, as the scan saw it, of a path that was to be copied and was not."""
    candidate = job.copies.get(path)
    return candidate.clone if candidate else None


def trusted_after_all(job: Job, put: Mapping[bytes, Note]) -> set[bytes]:
    """Those booted paths with a change time too young to be trusted that can be trusted after all.

    Once everything written is on the disk, a file that still is as the scan saw it, and like the
    clone's, cannot change again without another change time.
    """
    young = [
        path
        for path, candidate in job.seen.candidates.items()
        if candidate.booted is not None and _is_young(job, path, put)
    ]
    if not young:
        return set()
    for volume in job.pair.volumes:
        syscalls.syncfs(job.booted_path(volume))
    clock.wait(time.monotonic())
    result = set()
    for path in young:
        with suppress(OSError):
            now = job.on_booted(path)
            same = now is not None and now == job.seen.candidates[path].booted
            if now and same and _is_exact(now.ctime) and _is_alike(job, path):
                result.add(path)
    return result


def _is_alike(job: Job, path: bytes) -> bool:
    return hidden_difference(job.booted_path(path), job.clone_path(path)) == ""


def _is_exact(ctime: bytes) -> bool:
    """Whether the file system keeps more than whole seconds: there, a tick is not enough."""
    return nanoseconds(ctime) % 1_000_000_000 != 0


def _is_young(job: Job, path: bytes, put: Mapping[bytes, Note]) -> bool:
    entry = job.seen.candidates[path].booted
    if entry is None or not job.seen.booted.is_unsettled(entry.ctime):
        return False
    outcome = job.seen.verdicts[path].outcome
    copied = path in put and put[path].state is PathState.COPIED
    return outcome is Outcome.IN_STEP or copied
