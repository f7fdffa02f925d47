"""The last look before something on the clone is overwritten: is it still what the scan saw?

Between the scan and a file's turn the administrator may have changed the clone. What is no longer
as it was is left alone, and so is all that would go through a directory that is none any more.
"""

import os
from collections.abc import Iterable

from drdwrap.changes.candidate import Candidate
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.work import Work

_CHANGED = "changed on the clone meanwhile"


def leave_out_stale(work: Work, paths: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Those of `paths`, sorted, that may be copied now; the others are noted in `work`.

    A set that is kept together is left out whole.
    """
    directories: dict[bytes, bool] = {b"": True}
    found = []
    for path in paths:
        if work.is_left_out(path):
            continue
        try:
            why = _reason(work, work.seen.plan.copies[path], directories)
        except OSError as error:
            work.failed[path] = os.strerror(error.errno or 0)
            found.append(path)
            continue
        if why:
            work.stale[path] = why
            found.append(path)
    leave_out_sets(work, found)
    return tuple(path for path in paths if not work.is_left_out(path))


def _reason(work: Work, candidate: Candidate, directories: dict[bytes, bool]) -> str:
    now = work.on_clone(candidate.path)
    planned = None if candidate.path in work.cleared else candidate.clone
    # Where no link is followed, only directories can have led to what is there.
    if now is not None and now == planned and work.run.trees.without_links:
        return ""
    if not _reached(work, parent(candidate.path), directories):
        return "its directory changed on the clone meanwhile"
    if now == planned:
        return ""
    if now is None or planned is None:
        return _CHANGED
    # A directory's change time moves with what this run does in it, and a linked file's count when
    # this run has removed others of its names.
    moved = now.is_directory or now.links < planned.links
    return "" if moved and work.is_as_before(now, planned) else _CHANGED


def _reached(work: Work, directory: bytes, known: dict[bytes, bool]) -> bool:
    """Whether nothing but directories leads to `directory`, those that are to be made included."""
    if directory not in known:
        now = work.on_clone(directory)
        if now is not None:
            here = now.is_directory
        else:
            planned = work.seen.plan.copies.get(directory)
            here = bool(planned and planned.booted and planned.booted.is_directory)
            here = here and not work.is_left_out(directory)
        known[directory] = here and _reached(work, parent(directory), known)
    return known[directory]


def leave_out_sets(work: Work, found: Iterable[bytes]) -> None:
    """Leave out what is kept together with these, unless rsync has had it already, or it was
    removed so as to be made anew."""
    for member in found:
        what = work.stale.get(member) or f"cannot be looked at: {work.failed.get(member)}"
        why = f"kept together with /{for_screen(member)}, which {what}"
        for name in work.run.kept_together.sets_of(member):
            for path in work.sets.get(name, ()):
                begun = path in work.handed_over or path in work.cleared
                if not (begun or work.is_left_out(path)):
                    work.stale[path] = why
