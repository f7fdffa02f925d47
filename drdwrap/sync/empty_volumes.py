"""Booted file systems with nothing on them: erased, or not what should be mounted there?

What is mounted is checked when a run begins, by UUID. This is the last fence against taking a
volume for emptied that is not there. Each volume is asked by itself, and not for a share of all
files: no user who makes and deletes more files than the system has can keep syncs from running.
"""

import os
from dataclasses import replace

from drdwrap.errors import RefusedError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import path_of
from drdwrap.inventory.scan import Inventory
from drdwrap.paths.arithmetic import absolute, all_above, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.record.store import Record
from drdwrap.sync.begin import Run


def refuse_empty(run: Run) -> None:
    """RefusedError if there is nothing on the root volume that is not excluded."""
    if _is_empty(run, b""):
        raise RefusedError("the booted tree is empty", "mount it, or correct booted.root")


def without_empty(
    run: Run, booted: Inventory, record: Record | None
) -> tuple[Inventory, list[str]]:
    """The booted inventory, where volumes that are empty now and were not when they were recorded
    count as unknown; and texts that name them.

    RefusedError if the root volume is empty.
    """
    refuse_empty(run)
    empty = [
        v for v in run.pair.volumes if v and _is_empty(run, v) and _is_recorded(run, v, record)
    ]
    return replace(booted, sealed=(*booted.sealed, *empty)), [*map(_warning, empty)]


def _is_recorded(run: Run, volume: bytes, record: Record | None) -> bool:
    """Whether anything is recorded on this volume, besides what others are mounted on."""
    leading = all_above(run.pair.volumes).union(run.pair.volumes)
    paths = map(path_of, storage.lines(record.booted)) if record else ()
    below = (path for path in paths if is_below(path, volume) and path not in leading)
    return any(run.pair.volume_of(path) == volume for path in below)


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


def _warning(volume: bytes) -> str:
    return (
        f"/{for_screen(volume)} on the booted system is empty, and the record has files there:"
        " nothing below it was compared, and nothing is removed from the clone; mount what belongs"
        " there, or if its files were erased, make one there and sync again"
    )
