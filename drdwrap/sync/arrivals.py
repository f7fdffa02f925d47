"""What has arrived in the staging directory: the evidence, and what follows from it."""

import os
from collections.abc import Iterable
from contextlib import suppress

from drdwrap.inventory.entry import Entry
from drdwrap.linux import run_note
from drdwrap.paths.arithmetic import all_above
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import Arrival, Evidence, judge
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import PathState
from drdwrap.sync.swaps import NO_SWAPS, Swaps, swapped_directories


def arrivals(
    job: Job, transcript: Transcript, paths: Iterable[bytes], cut_off: bool
) -> dict[bytes, Arrival]:
    """What has become of each path; what has not plainly arrived is looked at once more, with what
    befell the directories above it."""
    found = {}
    for path in paths:
        run_note.moved()
        found[path] = _arrival(job, path, transcript, NO_SWAPS, cut_off)
    doubtful = [path for path, arrival in found.items() if arrival.state is not PathState.COPIED]
    if doubtful:
        above = all_above(doubtful)
        lines = job.seen.booted.finder.select(above)
        before = {path: Entry.parse(line) for path, line in lines.items()}
        swaps = swapped_directories(above, before, job.trees)
        found.update({path: _arrival(job, path, transcript, swaps, cut_off) for path in doubtful})
    return found


def _arrival(job: Job, path: bytes, transcript: Transcript, swaps: Swaps, cut_off: bool) -> Arrival:
    try:
        return judge(_evidence(job, path, transcript, swaps, cut_off))
    except OSError as error:
        return Arrival(PathState.FAILED, os.strerror(error.errno or 0), goes=False)


def _evidence(
    job: Job, path: bytes, transcript: Transcript, swaps: Swaps, cut_off: bool
) -> Evidence:
    staged, booted = job.staging.entry(path), job.on_booted(path)
    alike = False
    if staged is not None and booted is not None:
        with suppress(FileNotFoundError):  # it has vanished meanwhile
            alike = job.has_attributes_of_booted(path, job.staging.new(path))
    return Evidence(
        planned=job.copies[path].booted,
        booted=booted,
        staged=staged,
        same_attributes=alike,
        message=transcript.message_about(path),
        cut_off=cut_off,
        lacks_rights=transcript.lacks_rights(path),
        below_swapped=swaps.above(path),
        below_unsteady=swaps.maybe_above(path),
    )
