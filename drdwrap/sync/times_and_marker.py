"""After the copy: leave the clone tidy, its directories with their times, and marked."""

import os
import stat
from contextlib import suppress

from drdwrap.paths.arithmetic import parent
from drdwrap.record import marker
from drdwrap.record.marker import Marker
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger


def tidy(job: Job, ledger: Ledger, mark: Marker) -> None:
    """Remove the staging directories, set the directories' times, and mark the clone."""
    job.staging.remove()
    for directory in sorted(worked_in(job, ledger)):
        _give_time(job, ledger, directory)
    marker.write(job.trees.clone.root, mark)


def worked_in(job: Job, ledger: Ledger) -> set[bytes]:
    """The directories in which this run has made or removed something, and those it has put."""
    changed = (*job.copies, *ledger.removed())
    put = {path for path, note in ledger.copies.items() if note.put and note.put.is_directory}
    return {parent(path) for path in changed if path} | put | {b"", *job.pair.volumes}


def _give_time(job: Job, ledger: Ledger, directory: bytes) -> None:
    """A directory's time follows what was copied into it, where the directory is in step."""
    if not job.in_step(directory, ledger):
        return
    path = job.clone_path(directory)
    with suppress(OSError):  # an immutable directory keeps its own: the time does no harm
        booted, clone = os.lstat(job.booted_path(directory)), os.lstat(path)
        both = stat.S_ISDIR(booted.st_mode) and stat.S_ISDIR(clone.st_mode)
        if both and clone.st_mtime_ns != booted.st_mtime_ns:
            os.utime(path, ns=(clone.st_atime_ns, booted.st_mtime_ns), follow_symlinks=False)
