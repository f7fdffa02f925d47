"""What became of each path while a copy goes on. It is only added to, and in one way: `note`."""

from collections.abc import Iterable, Mapping
from enum import Enum

from drdwrap.inventory.entry import Entry


class PathState(Enum):
    """What can befall a path, in about the order in which it does."""

    CHANGED = "the clone's has changed since the scan"
    """Left alone, and so is what is kept together with it."""
    FAILED = "cannot be looked at, or cleared away"
    CLEARED = "removed from the clone, so that what is copied can take its place"
    HANDED_OVER = "given to rsync"
    REMOVED = "removed from the clone: it was erased on the booted system"
    NOT_REMOVED = "was to be removed, and stays"
    REMOVAL_FAILED = "could not be removed"


class Ledger:
    """A path has a state or has it not; with it goes the reason, in words, where there is one.

    `made` is what the clone had right after rsync was there (None: nothing).
    """

    def __init__(self) -> None:
        self._by_state: dict[PathState, dict[bytes, str]] = {state: {} for state in PathState}
        self._made: dict[bytes, Entry | None] = {}

    def note(self, path: bytes, state: PathState, why: str = "") -> None:
        """Path, state, and why. The first reason stands."""
        self._by_state[state].setdefault(path, why)

    def note_all(self, paths: Iterable[bytes], state: PathState) -> None:
        """The same for several paths, where no reason is to be given."""
        for path in paths:
            self.note(path, state)

    def note_made(self, path: bytes, entry: Entry | None) -> None:
        """What the clone has of a path, now that rsync has been there."""
        self._made[path] = entry

    def all(self, state: PathState) -> Mapping[bytes, str]:
        """The paths in this state, with the reasons, in the order noted."""
        return self._by_state[state]

    @property
    def made(self) -> Mapping[bytes, Entry | None]:
        return self._made

    def has(self, path: bytes, state: PathState) -> bool:
        return path in self._by_state[state]

    def is_left_out(self, path: bytes) -> bool:
        """Whether a path that was to be copied is not."""
        return self.has(path, PathState.CHANGED) or self.has(path, PathState.FAILED)
