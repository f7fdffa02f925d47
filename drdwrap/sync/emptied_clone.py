"""Before a fill onto a clone that holds something: remove what the fill is to replace.

rsync could do that itself as it goes. But with hard links (-H) it waits for ever if a file that it
finds on the clone, with several names, cannot be read or replaced (3.2.7 and 3.5.0, with their
incremental recursion). Onto what is not there it never does.
"""

import os
from contextlib import suppress
from dataclasses import replace
from functools import partial

from drdwrap.inventory import storage
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.linux import deep_tree, run_note
from drdwrap.paths.arithmetic import absolute, all_above
from drdwrap.rsync.list_and_rules import mount_point
from drdwrap.sync.begin import Run


def empty_clone(run: Run) -> bool:
    """Remove everything from the clone that is neither excluded nor transient. Returns whether
    something is left that could not be removed, an immutable file for example."""
    run.log.item("Removing what the clone holds.")
    run_note.note("removing what the clone holds")
    foreign = [mount_point(path) for path in run.trees.booted.foreign]
    side = replace(run.trees.clone, excluded=(*run.locations.transient, *foreign))
    (clone,) = scan([side], run.excluded)
    with suppress(OSError):  # what stays is named in a warning
        empty_too_deep(run, clone)
    staying = all_above(run.pair.volumes).union(run.pair.volumes, clone.foreign, {b""})
    on_clone = partial(absolute, run.trees.clone.root)
    left = bool(clone.unreadable)
    for line in storage.lines(clone.storage):
        path, _, fields = line.partition(b"//")
        if not fields.startswith(b"d "):
            left = not _removed(on_clone(path)) or left
    for path in reversed([*storage.directories(clone.storage)]):
        if path not in staying:
            left = not _removed_directory(on_clone(path)) or left
    return left


def _removed(path: bytes) -> bool:
    try:
        os.unlink(path)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    return True


def _removed_directory(path: bytes) -> bool:
    """Whether it is gone, or holds what is excluded."""
    try:
        os.rmdir(path)
    except FileNotFoundError:
        return True
    except OSError:
        # What could not be removed from it has been counted already.
        return bool(_names(path))
    return True


def _names(path: bytes) -> list[bytes]:
    try:
        return os.listdir(path)
    except OSError:
        return []


def empty_too_deep(run: Run, clone: Inventory) -> None:
    """Remove from the clone what a sync could not handle: rsync fills a little further than that,
    where it need not go through a staging directory. OSError."""
    for path in clone.too_deep:
        deep_tree.empty(absolute(run.trees.clone.root, path))
