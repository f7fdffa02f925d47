"""Booted file systems with nothing on them: erased, or not what should be mounted there?

What is mounted is checked when a run begins, by UUID. This is the last fence against taking a
volume for emptied that is not there, or has lost everything. Each volume is asked by itself, and
not for a share of all files: no user who makes and deletes more files than the system has can keep
syncs from running. What is missing of a volume that still holds something is for max_deletions.
"""

import os

from drdwrap.errors import RefusedError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import path_of
from drdwrap.paths.arithmetic import absolute, all_above, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.record.store import Record
from drdwrap.sync.begin import Run

_REMEDY = (
    "mount what belongs there; or, if its files were erased on purpose, make a file or directory"
    " there and sync again: then max_deletions decides whether they go from the clone; nothing was"
    " changed"
)


def refuse_empty(run: Run) -> None:
    """RefusedError if there is nothing on the root volume that is not excluded."""
    if _is_empty(run, b""):
        raise RefusedError("the booted tree is empty", "mount it, or correct booted.root")


def refuse_emptied(run: Run, record: Record | None) -> None:
    """RefusedError if there is nothing on the root volume, or on one of which something is
    recorded, that is not excluded."""
    refuse_empty(run)
    empty = [
        v for v in run.pair.volumes if v and _is_empty(run, v) and _is_recorded(run, v, record)
    ]
    if empty:
        raise RefusedError("; ".join(map(_finding, empty)), _REMEDY)


def _is_recorded(run: Run, volume: bytes, record: Record | None) -> bool:
    """Whether anything is recorded on this volume, besides what is excluded now, and what others
    are mounted on."""
    leading = all_above(run.pair.volumes).union(run.pair.volumes)
    excluded = PatternList(run.excluded)
    paths = map(path_of, storage.lines(record.booted)) if record else ()
    below = (path for path in paths if is_below(path, volume) and path not in leading)
    return any(run.pair.volume_of(path) == volume and not excluded.cover(path) for path in below)


def _is_empty(run: Run, volume: bytes) -> bool:
    """Whether there is nothing on this volume except what is excluded, and what other volumes are
    mounted on. One that cannot be read is not empty."""
    volumes, excluded = run.pair.volumes, PatternList(run.excluded)
    leading = all_above(volumes)
    pending = [volume]
    while pending:
        directory = pending.pop()
        try:
            names = os.listdir(absolute(run.trees.booted.root, directory))
        except OSError:
            return False
        for path in (absolute(directory, name) if directory else name for name in names):
            if path in leading:
                pending.append(path)
            elif path not in volumes and not excluded.cover(path):
                return False
    return True


def _finding(volume: bytes) -> str:
    return f"/{for_screen(volume)} on the booted system is empty, and the record has files there"
