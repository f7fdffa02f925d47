"""What became of each path while a copy goes on. It is only added to, by its `note` methods."""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import NamedTuple

from drdwrap.inventory.entry import Entry
from drdwrap.trim.kept_together import SetName


class PathState(Enum):
    """What can become of a path. The first five are for what was to be copied; a path that has none
    of them was not reached before the run ended."""

    COPIED = "copied"
    CHANGING = "changed on the booted system while it was copied"
    """No error: the next run copies it."""
    UNPROVED = "its contents were not compared before the run ended"
    """Its attributes are set. The next run compares the contents."""
    FAILED = "could not be copied"
    CHANGED = "changed on the clone meanwhile"
    """Left alone, and so is what is kept together with it."""
    REMOVED = "removed from the clone: it was erased on the booted system"
    NOT_REMOVED = "was to be removed, and stays"
    REMOVAL_FAILED = "could not be removed"


_REMOVALS = (PathState.REMOVED, PathState.NOT_REMOVED, PathState.REMOVAL_FAILED)


class Note(NamedTuple):
    """What became of a path, why, and the clone's entry of what this run has put there, if any;
    with it, where that moves along with others, the digests of its attributes."""

    state: PathState
    why: str = ""
    put: Entry | None = None
    attributes: frozenset[bytes] | None = None


class Ledger:
    """One note a path for copies, and one for removals. The first stands."""

    def __init__(self) -> None:
        self._copies: dict[bytes, Note] = {}
        self._removals: dict[bytes, Note] = {}
        self._adjusted: dict[bytes, tuple[Entry, frozenset[bytes]]] = {}
        self._sets_left_out: set[SetName] = set()

    def note(
        self,
        path: bytes,
        state: PathState,
        why: str = "",
        put: Entry | None = None,
        attributes: frozenset[bytes] | None = None,
    ) -> None:
        """Path, state, why, and what was put."""
        notes = self._removals if state in _REMOVALS else self._copies
        notes.setdefault(path, Note(state, why, put, attributes))

    def note_all(self, paths: Iterable[bytes], state: PathState) -> None:
        """The same for several paths, where there is nothing more to say."""
        for path in paths:
            self.note(path, state)

    def note_adjusted(self, path: bytes, now: Entry, attributes: frozenset[bytes]) -> None:
        """The clone's entry, and the digests of its attributes, now that they were set in place."""
        self._adjusted[path] = now, attributes

    def leaves_out_now(self, name: SetName) -> bool:
        """Note that a set which is kept together is left out. Whether that is new."""
        new = name not in self._sets_left_out
        self._sets_left_out.add(name)
        return new

    @property
    def adjusted(self) -> Mapping[bytes, tuple[Entry, frozenset[bytes]]]:
        """What `note_adjusted` was told. What is set under one name of a file is set under all."""
        return self._adjusted

    @property
    def copies(self) -> Mapping[bytes, Note]:
        """What became of what was to be copied, in the order noted."""
        return self._copies

    @property
    def removals(self) -> Mapping[bytes, Note]:
        """What became of what was to be removed, in the order noted."""
        return self._removals

    def state(self, path: bytes) -> PathState | None:
        """What became of a path that was to be copied; None as long as nothing has."""
        note = self._copies.get(path)
        return note.state if note else None

    def removed(self) -> set[bytes]:
        """The paths that are gone from the clone."""
        return {path for path, note in self._removals.items() if note.state is PathState.REMOVED}
