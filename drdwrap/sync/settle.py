"""After the copy: leave the clone as it is to be, and see what of it the record can rely on."""

import os
import stat
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry, nanoseconds
from drdwrap.inventory.hidden import hidden_difference
from drdwrap.linux import clock, syscalls
from drdwrap.paths.arithmetic import absolute, ancestors, parent
from drdwrap.record import marker
from drdwrap.record.marker import Marker
from drdwrap.rsync.run import remove_temporary
from drdwrap.sync.arrival import (
    Arrival,
    Arrived,
    Swaps,
    inspect,
    is_still,
    plainly_arrived,
    swapped_directories,
)
from drdwrap.sync.work import Work


def settle(work: Work, mark: Marker) -> None:
    """Clean up, set the directories' times, and mark the clone."""
    run = work.run
    remove_temporary(run.trees, run.pair.volumes)
    for directory in sorted(_moved(work)):
        _give_time(work, directory)
    marker.write(run.trees.clone.root, mark)


def look_at_arrivals(work: Work) -> dict[bytes, Arrived]:
    """What has become of all that was to be copied and was not left out."""
    clock.wait(time.monotonic())
    work.note_made(work.handed_over - work.made.keys())  # where a signal came in between
    arrived: dict[bytes, Arrived] = {}
    doubtful: dict[bytes, Candidate] = {}
    for path, candidate in work.seen.plan.copies.items():
        if work.is_left_out(path):
            continue
        if path not in work.handed_over:
            arrived[path] = Arrived(Arrival.NOT_REACHED, _unreached(work, candidate))
            continue
        made = work.made.get(path)
        clone = plainly_arrived(candidate, work.run.trees, work.copied, made)
        if clone is not None:
            arrived[path] = Arrived(Arrival.COPIED, clone)
        else:
            doubtful[path] = candidate
    if doubtful:
        arrived.update(_look_closer(work, doubtful))
    return arrived


def _unreached(work: Work, candidate: Candidate) -> Entry | None:
    """The clone's entry of what rsync was not given: as the scan saw it, or as it is where it has
    but moved along with what was copied."""
    planned = candidate.clone
    with suppress(OSError):
        now = work.on_clone(candidate.path)
        if now and planned and work.is_as_before(now, planned):
            return now
    return planned


def _look_closer(work: Work, doubtful: Mapping[bytes, Candidate]) -> dict[bytes, Arrived]:
    above = {directory for path in doubtful for directory in ancestors(path)}
    lines = work.seen.booted.finder.select(above)
    before = {path: Entry.parse(line) for path, line in lines.items()}
    swaps = swapped_directories(above, before, work.run.trees)
    _remove_swapped(work, doubtful, swaps)
    return {
        path: inspect(
            candidate,
            work.run.trees,
            work.copied,
            swaps,
            work.made.get(path),
            left_behind=_left_behind(work, candidate),
        )
        for path, candidate in doubtful.items()
    }


def _left_behind(work: Work, candidate: Candidate) -> bool:
    """Whether all that befell the clone's file is that it has fewer names: rsync, which was cut
    off, had made those anew and did not reach this one."""
    before = candidate.clone
    if before is None or before.is_directory or before.links == 1:
        return False
    with suppress(OSError):
        now = work.on_clone(candidate.path)
        return now is not None and now.links < before.links and work.is_as_before(now, before)
    return False


def _remove_swapped(work: Work, doubtful: Mapping[bytes, Candidate], swaps: Swaps) -> None:
    """Remove what was read through a directory that was swapped meanwhile: it is something else."""
    for path, candidate in doubtful.items():
        if swaps.above(path):
            with suppress(OSError):
                now = work.on_clone(path)
                if now is None or now == candidate.clone or now.is_directory:
                    continue
                if is_still(now, work.made.get(path)):
                    os.unlink(absolute(work.run.trees.clone.root, path))
                    _give_time(work, parent(path))


def _moved(work: Work) -> set[bytes]:
    """The directories in which this run has made or removed something."""
    changed = (*work.seen.plan.copies, *work.gone)
    return {parent(path) for path in changed if path} | {b"", *work.run.pair.volumes}


def _give_time(work: Work, directory: bytes) -> None:
    """A directory's time follows what was copied into it, where the directory is in step."""
    if not work.in_step(directory):
        return
    trees = work.run.trees
    path = absolute(trees.clone.root, directory)
    with suppress(OSError):  # an immutable directory keeps its own: the time does no harm
        booted, clone = os.lstat(absolute(trees.booted.root, directory)), os.lstat(path)
        both = stat.S_ISDIR(booted.st_mode) and stat.S_ISDIR(clone.st_mode)
        if both and clone.st_mtime_ns != booted.st_mtime_ns:
            os.utime(path, ns=(clone.st_atime_ns, booted.st_mtime_ns), follow_symlinks=False)


def refreshed(work: Work, arrived: Collection[bytes]) -> dict[bytes, Entry]:
    """What has another change time on the clone now, by the copy's own doing alone."""
    links = work.seen.comparison.clone_links
    moved = _moved(work)
    if links is not None:
        moved |= links.names_of_all([*work.seen.plan.copies, *work.gone])
    result = {}
    for path in moved - set(arrived):
        line = work.around.get(path)
        if line is not None and work.is_recorded(path):
            before = Entry.parse(line)
            with suppress(OSError):
                now = work.on_clone(path)
                if now and work.is_as_before(now, before):
                    result[path] = now
    return result


def settled(work: Work, arrived: Mapping[bytes, Arrived]) -> set[bytes]:
    """Those booted paths with a change time too young to be trusted that can be trusted after all.

    Once all that was written is on the disk, a file that still is as the scan saw it, and like the
    clone's, cannot change again without another change time.
    """
    young = [
        path
        for path, candidate in work.seen.comparison.candidates.items()
        if candidate.booted is not None and _is_young(work, path, arrived)
    ]
    if not young:
        return set()
    trees = work.run.trees
    for volume in work.run.pair.volumes:
        syscalls.syncfs(absolute(trees.booted.root, volume))
    clock.wait(time.monotonic())
    result = set()
    for path in young:
        booted, clone = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
        with suppress(OSError):
            now = work.on_booted(path)
            same = now is not None and now == work.seen.comparison.candidates[path].booted
            if now and same and _is_exact(now.ctime) and hidden_difference(booted, clone) == "":
                result.add(path)
    return result


def _is_exact(ctime: bytes) -> bool:
    """Whether the file system keeps more than whole seconds: there, a tick is not enough."""
    return nanoseconds(ctime) % 1_000_000_000 != 0


def _is_young(work: Work, path: bytes, arrived: Mapping[bytes, Arrived]) -> bool:
    entry = work.seen.comparison.candidates[path].booted
    if entry is None or not work.seen.booted.is_unsettled(entry.ctime):
        return False
    outcome = work.seen.verdicts[path].outcome
    copied = path in arrived and arrived[path].arrival is Arrival.COPIED
    return outcome is Outcome.IN_STEP or copied
