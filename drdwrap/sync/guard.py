"""The last check before something on the clone is overwritten: is it still what the scan saw?

Between the scan and a file's turn the administrator may have changed the clone. What is no longer
as it was is left alone, and so is everything below what is no longer a directory.
"""

import os
from collections.abc import Iterable

from drdwrap.changes.candidate import Candidate
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState

_CHANGED = "changed on the clone meanwhile"


def leave_out_changed(job: Job, ledger: Ledger, paths: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Those of `paths`, sorted, that may be copied now; the others are noted in the ledger.

    A set that is kept together is left out whole.
    """
    reached = Reached(job, ledger)
    found = []
    for path in paths:
        if ledger.is_left_out(path):
            continue
        try:
            why = _reason(job, ledger, job.copies[path], reached)
        except OSError as error:
            ledger.note(path, PathState.FAILED, os.strerror(error.errno or 0))
            found.append(path)
            continue
        if why:
            ledger.note(path, PathState.CHANGED, why)
            found.append(path)
    leave_out_sets(job, ledger, found)
    return tuple(path for path in paths if not ledger.is_left_out(path))


def _reason(job: Job, ledger: Ledger, candidate: Candidate, reached: "Reached") -> str:
    now = job.on_clone(candidate.path)
    planned = None if ledger.has(candidate.path, PathState.CLEARED) else candidate.clone
    # Where no link is followed, only directories can have led to what is there.
    if now is not None and now == planned and job.trees.without_links:
        return ""
    if not reached.by_directories(parent(candidate.path)):
        return "its directory changed on the clone meanwhile"
    if now == planned:
        return ""
    if now is None or planned is None:
        return _CHANGED
    # A directory's change time moves with what this run does in it, and a linked file's count when
    # this run has removed others of its names.
    moved = now.is_directory or now.links < planned.links
    return "" if moved and job.is_as_before(now, planned) else _CHANGED


class Reached:
    """Whether nothing but directories leads to a path of the clone, asked of each directory once.

    With a ledger, directories that are still to be made count as directories.
    """

    def __init__(self, job: Job, ledger: Ledger | None = None) -> None:
        self._job = job
        self._ledger = ledger
        self._known: dict[bytes, bool] = {b"": True}

    def by_directories(self, directory: bytes) -> bool:
        """Whether `directory` (relative) is one, and all above it are. OSError."""
        if directory not in self._known:
            now = self._job.on_clone(directory)
            here = now.is_directory if now is not None else self._will_be_made(directory)
            self._known[directory] = here and self.by_directories(parent(directory))
        return self._known[directory]

    def _will_be_made(self, directory: bytes) -> bool:
        planned = self._job.copies.get(directory)
        if self._ledger is None or planned is None or planned.booted is None:
            return False
        return planned.booted.is_directory and not self._ledger.is_left_out(directory)


def leave_out_sets(job: Job, ledger: Ledger, found: Iterable[bytes]) -> None:
    """Leave out what is kept together with these paths, unless rsync has had it already, or it was
    removed to be made anew."""
    for member in found:
        failed = f"cannot be looked at: {ledger.all(PathState.FAILED).get(member)}"
        what = ledger.all(PathState.CHANGED).get(member) or failed
        why = f"kept together with /{for_screen(member)}, which was left alone: {what}"
        for name in job.kept_together.sets_of(member):
            for path in job.sets.get(name, ()):
                begun = ledger.has(path, PathState.HANDED_OVER) or ledger.has(
                    path, PathState.CLEARED
                )
                if not (begun or ledger.is_left_out(path)):
                    ledger.note(path, PathState.CHANGED, why)
