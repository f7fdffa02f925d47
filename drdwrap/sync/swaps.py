"""Directories of the booted system that were swapped while rsync was reading through them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import climb


@dataclass(frozen=True)
class Swaps:
    """Directories that are not what they were before the copy: `swapped` are no directories any
    more but, say, links; `unsteady` are other directories, or were moved, and may have been swapped
    and put back."""

    swapped: frozenset[bytes]
    unsteady: frozenset[bytes]

    def above(self, path: bytes) -> bool:
        """Whether a swapped directory is above `path`."""
        return bool(self.swapped) and not self.swapped.isdisjoint(climb(path))

    def maybe_above(self, path: bytes) -> bool:
        """The same for an unsteady one."""
        return bool(self.unsteady) and not self.unsteady.isdisjoint(climb(path))


NO_SWAPS = Swaps(frozenset(), frozenset())


def swapped_directories(
    directories: Iterable[bytes], before: Mapping[bytes, Entry], trees: Trees
) -> Swaps:
    """Which of these directories of the booted system have been swapped since the scan, which has
    seen them as `before`.

    A directory that is gone altogether was not swapped: what was below it is gone as well, and a
    matter of the next run.
    """
    swapped, unsteady = set(), set()
    for directory in directories:
        try:
            now = entry_at(trees.booted.root, directory)
        except OSError:
            now = None
        if now is None:
            continue
        then = before.get(directory)
        if not now.is_directory:
            swapped.add(directory)
        elif then is None or not _is_the_same(now, then):
            unsteady.add(directory)
    return Swaps(frozenset(swapped), frozenset(unsteady))


def _is_the_same(now: Entry, then: Entry) -> bool:
    """A directory that was elsewhere meanwhile has another change time; a new entry would have
    moved both times."""
    moved = now.ctime != then.ctime and now.mtime == then.mtime
    return then.is_directory and now.inode == then.inode and not moved
