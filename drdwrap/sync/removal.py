"""Remove single paths from the clone, each only if it still is what was planned for."""

import os
from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.entry import Entry, look_at
from drdwrap.paths.arithmetic import absolute, ancestors
from drdwrap.sync.work import Work


@dataclass
class Removed:
    """What is gone, what was left since it is no longer as it was, and what failed."""

    gone: set[bytes] = field(default_factory=set)
    left: dict[bytes, str] = field(default_factory=dict)
    failed: dict[bytes, str] = field(default_factory=dict)


def remove(candidates: Iterable[Candidate], work: Work, *, still_erased: bool) -> Removed:
    """Remove these paths from the clone, in the order given.

    Each must be as the scan saw it, below directories that are no links; a directory must be
    empty. With `still_erased` the booted system must still not have it.
    """
    trees = work.run.trees
    removed = Removed()
    directories: dict[bytes, bool] = {b"": True}
    for candidate in candidates:
        path, planned = candidate.path, candidate.clone
        try:
            now = look_at(trees.clone.root, path)
            if now is None:
                removed.gone.add(path)
            elif still_erased and look_at(trees.booted.root, path) is not None:
                removed.left[path] = "is back on the booted system"
            elif planned is None or not work.is_as_before(now, planned):
                removed.left[path] = "changed on the clone meanwhile"
            elif not _reached_by_directories(trees.clone.root, path, directories):
                removed.left[path] = "is no longer below a directory"
            else:
                _remove_one(absolute(trees.clone.root, path), now)
                removed.gone.add(path)
        except OSError as error:
            removed.failed[path] = os.strerror(error.errno or 0)
    return removed


def _reached_by_directories(root: bytes, path: bytes, known: dict[bytes, bool]) -> bool:
    for directory in reversed(ancestors(path)):
        if directory not in known:
            entry = look_at(root, directory)
            known[directory] = entry is not None and entry.is_directory
        if not known[directory]:
            return False
    return True


def _remove_one(path: bytes, entry: Entry) -> None:
    if entry.is_directory:
        os.rmdir(path)
    else:
        os.unlink(path)
