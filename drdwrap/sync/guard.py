"""The last check before something on the clone is overwritten: is it still what the scan saw?

Between the scan and a file's turn the administrator may have changed the clone. What is no longer
as it was is left alone, and so is everything below what is no longer a directory.
"""

import os
from collections.abc import Iterable
from contextlib import suppress

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.beyond_lstat import attributes, digests
from drdwrap.inventory.entry import Entry
from drdwrap.linux import leases, run_note
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.job import Job, is_alike
from drdwrap.sync.ledger import Ledger, PathState


def leave_out_changed(job: Job, ledger: Ledger, paths: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those of `paths`, sorted, that may be copied now; the others are noted in the ledger.

    A set that is kept together is left out whole.
    """
    asked = [path for path in paths if ledger.state(path) is None]
    reached = Reached(job, ledger)
    found = []
    for path in asked:
        run_note.moved()
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
    return tuple(path for path in asked if ledger.state(path) is None)


def leave_out_unreadable(job: Job, ledger: Ledger, paths: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those of `paths` whose attributes can be read on the booted system.

    rsync gives up its whole list for a directory whose attributes it cannot read: "ABORTING due to
    invalid path from sender".
    """
    asked, found = tuple(paths), []
    for path in asked:
        run_note.moved()
        try:
            attributes(job.booted_path(path))
        except FileNotFoundError:
            continue  # rsync says so
        except OSError as error:
            why = f"its attributes cannot be read: {os.strerror(error.errno or 0)}"
            ledger.note(path, PathState.FAILED, why)
            found.append(path)
    leave_out_sets(job, ledger, found)
    return tuple(path for path in asked if ledger.state(path) is None)


def leave_out_leased(job: Job, ledger: Ledger) -> None:
    """Leave out the files that another process has a lease on and does not give up."""
    files = {
        job.booted_path(path): path
        for path, planned in job.copies.items()
        if planned.booted is not None and planned.booted.is_file
    }
    run_note.note("waiting for other processes to give up their leases on files")
    found = [files[held] for held in leases.take(files)]
    run_note.note("copying")
    for path in found:
        ledger.note(path, PathState.FAILED, "another process has a lease on it, again and again")
    leave_out_sets(job, ledger, found)


def _reason(job: Job, ledger: Ledger, candidate: Candidate, reached: "Reached") -> str:
    now = job.on_clone(candidate.path)
    # Where no link is followed, only directories can have led to what is there.
    if now is not None and now == candidate.clone and job.trees.without_links:
        return ""
    if not reached.by_directories(parent(candidate.path)):
        return "its directory changed on the clone meanwhile"
    return "" if may_be_replaced(job, ledger, candidate, now) else PathState.CHANGED.value


def may_be_replaced(job: Job, ledger: Ledger, candidate: Candidate, now: Entry | None) -> bool:
    """Whether what the clone has `now` is what the scan saw, or what this run has made of it since.
    OSError."""
    planned, adjusted = candidate.clone, ledger.adjusted.get(candidate.path)
    if adjusted is not None and now is not None:
        return is_alike(now, adjusted[0]) and digests(job.clone_path(now.path)) == adjusted[1]
    if now is None or planned is None or now == planned:
        return now == planned
    # A directory's change time moves with what this run does in it, and a linked file's count and
    # change time when this run has replaced others of its names.
    moved = now.is_directory or now.links != planned.links or _other_name_put(job, ledger, now)
    return moved and job.is_as_before(now, planned)


def _other_name_put(job: Job, ledger: Ledger, now: Entry) -> bool:
    """Whether this run has put something under another name of the clone's file."""
    links = job.seen.comparison.clone_links
    if links is None or now.links == 1:
        return False
    notes = (ledger.copies.get(name) for name in links.names(now.path) if name != now.path)
    return any(note is not None and note.put is not None for note in notes)


class Reached:
    """Whether nothing but directories leads to a path of the clone, asked of each directory once.

    With a ledger, directories that are still to be copied count as directories.
    """

    def __init__(self, job: Job, ledger: Ledger | None = None) -> None:
        self._job = job
        self._ledger = ledger
        self._known: dict[bytes, bool] = {b"": True}

    def by_directories(self, directory: bytes) -> bool:
        """Whether `directory` (relative) is one, and all above it are. OSError."""
        unknown, above = [], directory
        while above not in self._known:
            unknown.append(above)
            above = parent(above)
        for one in reversed(unknown):
            self._known[one] = self._known[parent(one)] and self._is_directory(one)
        return self._known[directory]

    def _is_directory(self, path: bytes) -> bool:
        now = self._job.on_clone(path)
        return (now is not None and now.is_directory) or self._will_be_one(path)

    def _will_be_one(self, directory: bytes) -> bool:
        planned = self._job.copies.get(directory)
        if self._ledger is None or planned is None or planned.booted is None:
            return False
        return planned.booted.is_directory and self._ledger.state(directory) is None


def leave_out_sets(job: Job, ledger: Ledger, found: Iterable[bytes]) -> None:
    """Leave out what is kept together with these paths, and has not been put yet.

    Each set is gone through once, with its first member that was left alone: then all have a note.
    """
    for member in found:
        left = [n for n in job.kept_together.sets_of(member) if ledger.leaves_out_now(n)]
        if not left:
            continue
        note = ledger.copies[member]
        what = note.why if note.state is PathState.CHANGED else f"cannot be copied: {note.why}"
        why = f"kept together with /{for_screen(member)}, which was left alone: {what}"
        for name in left:
            for path in job.sets.get(name, ()):  # what has a note already keeps it
                run_note.moved()
                if path in ledger.adjusted and ledger.state(path) is None:
                    with suppress(OSError):  # it has its new attributes: drdwrap's own work
                        job.note_put(ledger, path, PathState.UNPROVED)
                ledger.note(path, PathState.CHANGED, why)
