"""After the copy: look at every path that was to be copied, and remove what must not have come."""

import os
import time
from collections.abc import Mapping
from contextlib import suppress

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry
from drdwrap.linux import clock
from drdwrap.paths.arithmetic import ancestors, parent
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import Arrival, Arrived, is_still, judge, plainly_arrived
from drdwrap.sync.evidence import Swaps, gather, swapped_directories
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.times_and_marker import give_time


def look_at_arrivals(job: Job, ledger: Ledger, transcript: Transcript) -> dict[bytes, Arrived]:
    """What has become of everything that was to be copied and was not left out."""
    clock.wait(time.monotonic())
    handed_over = ledger.all(PathState.HANDED_OVER)
    note_made(job, ledger, handed_over.keys() - ledger.made.keys())  # a signal came in between
    arrived: dict[bytes, Arrived] = {}
    doubtful: dict[bytes, Candidate] = {}
    for path, candidate in job.copies.items():
        if ledger.is_left_out(path):
            continue
        if path not in handed_over:
            arrived[path] = Arrived(Arrival.NOT_REACHED, _unreached(job, candidate))
            continue
        clone = plainly_arrived(candidate, job.trees, transcript, ledger.made.get(path))
        if clone is not None:
            arrived[path] = Arrived(Arrival.COPIED, clone)
        else:
            doubtful[path] = candidate
    if doubtful:
        arrived.update(_look_closer(job, ledger, transcript, doubtful))
    return arrived


def note_made(job: Job, ledger: Ledger, paths: set[bytes] | tuple[bytes, ...]) -> None:
    """Note what the clone has of these paths, now that rsync has been there."""
    for path in paths:
        with suppress(OSError):
            ledger.note_made(path, job.on_clone(path))


def _unreached(job: Job, candidate: Candidate) -> Entry | None:
    """The clone's entry of what rsync was not given: as the scan saw it, or as it is now if it has
    only moved along with what was copied."""
    planned = candidate.clone
    with suppress(OSError):
        now = job.on_clone(candidate.path)
        if now and planned and job.is_as_before(now, planned):
            return now
    return planned


def _look_closer(
    job: Job, ledger: Ledger, transcript: Transcript, doubtful: Mapping[bytes, Candidate]
) -> dict[bytes, Arrived]:
    above = {directory for path in doubtful for directory in ancestors(path)}
    lines = job.seen.booted.finder.select(above)
    before = {path: Entry.parse(line) for path, line in lines.items()}
    swaps = swapped_directories(above, before, job.trees)
    _remove_swapped(job, ledger, doubtful, swaps)
    arrived = {}
    for path, candidate in doubtful.items():
        try:
            evidence = gather(job, candidate, transcript, swaps, ledger.made.get(path))
            arrived[path] = judge(evidence)
        except OSError as error:
            arrived[path] = Arrived(Arrival.FAILED, None, os.strerror(error.errno or 0))
    return arrived


def _remove_swapped(
    job: Job, ledger: Ledger, doubtful: Mapping[bytes, Candidate], swaps: Swaps
) -> None:
    """Remove what was read through a directory that was swapped meanwhile: it is something else."""
    for path, candidate in doubtful.items():
        if swaps.above(path):
            with suppress(OSError):
                now = job.on_clone(path)
                if now is None or now == candidate.clone or now.is_directory:
                    continue
                if is_still(now, ledger.made.get(path)):
                    os.unlink(job.clone_path(path))
                    give_time(job, ledger, parent(path))
