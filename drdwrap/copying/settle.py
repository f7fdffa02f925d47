"""After the copy: leave the clone as it is to be, and see what of it the record can rely on."""

import os
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from drdwrap import linux
from drdwrap.copying.arrival import Arrival, Arrived, inspect
from drdwrap.copying.work import Work
from drdwrap.inventory.entry import Entry, nanoseconds
from drdwrap.inventory.look import hidden_difference
from drdwrap.record import marker
from drdwrap.record.marker import Marker
from drdwrap.rsync.run import remove_temporary
from drdwrap.trim.table import Outcome
from drdwrap.volumes.pair import absolute, ancestors, parent

_TICK = 0.02
"""Seconds. Two changes within one tick of the kernel's clock may have the same change time."""


def settle(work: Work, mark: Marker) -> dict[bytes, Arrived]:
    """Clean up, set the directories' times, mark the clone, and look at what has arrived."""
    run, copies = work.run, work.seen.plan.copies
    remove_temporary(run.trees, run.pair.volumes)
    _remove_swapped(work)
    for directory in sorted(_moved(work)):
        _give_time(work, directory)
    marker.write(run.trees.clone.root, mark)
    time.sleep(_TICK)
    tried = {path: c for path, c in copies.items() if not work.is_left_out(path)}
    return inspect(tried, run.trees, work.copied, work.swapped, work.unsteady)


def _remove_swapped(work: Work) -> None:
    """Remove what was read through a directory that was swapped meanwhile: it is something else."""
    if not work.swapped:
        return
    for path, candidate in work.seen.plan.copies.items():
        if not work.swapped.isdisjoint(ancestors(path)):
            with suppress(OSError):
                now = work.on_clone(path)
                if now is not None and now != candidate.clone and not now.is_directory:
                    os.unlink(absolute(work.run.trees.clone.root, path))


def _moved(work: Work) -> set[bytes]:
    """The directories in which this run has made or removed something."""
    changed = (*work.seen.plan.copies, *work.gone)
    return {parent(path) for path in changed if path} | {b"", *work.run.pair.volumes}


def _give_time(work: Work, directory: bytes) -> None:
    """A directory's time follows what was copied into it, where the directory is in step."""
    booted = work.booted.get(directory)
    if booted is None or not work.in_step(directory):
        return
    path, time_ns = absolute(work.run.trees.clone.root, directory), nanoseconds(booted.mtime)
    with suppress(OSError):  # an immutable directory keeps its own: the time does no harm
        now = work.on_clone(directory)
        if now is not None and now.is_directory and nanoseconds(now.mtime) != time_ns:
            os.utime(path, ns=(os.lstat(path).st_atime_ns, time_ns), follow_symlinks=False)


def refreshed(work: Work, arrived: Collection[bytes]) -> dict[bytes, Entry]:
    """What has another change time on the clone now, by the copy's own doing alone."""
    links = work.seen.comparison.clone_links
    moved = _moved(work)
    if links is not None:
        moved |= links.names_of_all([*work.seen.plan.copies, *work.gone])
    result = {}
    for path in moved - set(arrived):
        before = work.clone.get(path)
        if before is not None and work.is_recorded(path):
            with suppress(OSError):
                now = work.on_clone(path)
                if now and now.visible == before.visible and now.inode == before.inode:
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
        linux.syncfs(absolute(trees.booted.root, volume))
    time.sleep(_TICK)
    result = set()
    for path in young:
        booted, clone = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
        with suppress(OSError):
            same = work.on_booted(path) == work.seen.comparison.candidates[path].booted
            if same and hidden_difference(booted, clone) == "":
                result.add(path)
    return result


def _is_young(work: Work, path: bytes, arrived: Mapping[bytes, Arrived]) -> bool:
    entry = work.seen.comparison.candidates[path].booted
    if entry is None or not work.seen.booted.is_unsettled(entry.ctime):
        return False
    outcome = work.seen.verdicts[path].outcome
    copied = path in arrived and arrived[path].arrival is Arrival.COPIED
    return outcome is Outcome.IN_STEP or copied
