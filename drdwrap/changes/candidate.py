"""A path that is not in step at first sight: what both sides have, and what the record has."""

from dataclasses import dataclass
from enum import Enum

from drdwrap.inventory.entry import NEVER_SEEN, Entry


class Change(Enum):
    """One side now, against the record."""

    SAME = "same"
    TOUCHED = "touched"
    """Its change time moved and nothing else that lstat shows: a look decides."""
    CHANGED = "changed"
    NEW = "new"
    ERASED = "erased"
    ABSENT = "absent"


def change(now: Entry | None, then: Entry | None) -> Change:
    """What became of one side since `then`, the record (None: the record has no such path)."""
    if then is None:
        return Change.ABSENT if now is None else Change.NEW
    if now is None:
        return Change.ERASED
    if now == then:
        return Change.SAME
    return Change.TOUCHED if now.visible == then.visible else Change.CHANGED


def never_seen(entry: Entry) -> Entry:
    """A booted entry for the record that no file is like: whatever is there now is a change."""
    return entry._replace(type=NEVER_SEEN)


@dataclass(frozen=True, slots=True)
class Candidate:
    """One path that may differ: its entries now, and in the record (`then`).

    `hidden` is what a closer look has found (see `inventory.beyond_lstat`): the empty string for
    nothing, None when there was no look.
    """

    path: bytes
    booted: Entry | None
    booted_then: Entry | None
    clone: Entry | None
    clone_then: Entry | None
    hidden: str | None = None

    @property
    def changes(self) -> tuple[Change, Change]:
        """Booted and clone against the record; for a touched side the look decides.

        A look that found nothing says that neither side has changed. If it found something, or
        could not be taken, only the cautious answer is left: changed.
        """
        looked = Change.SAME if self.hidden == "" else Change.CHANGED
        booted = change(self.booted, self.booted_then)
        clone = change(self.clone, self.clone_then)
        return (
            looked if booted is Change.TOUCHED else booted,
            looked if clone is Change.TOUCHED else clone,
        )

    @property
    def needs_look(self) -> bool:
        """Whether only contents and attributes can tell if the two sides are alike."""
        if self.booted is None or self.clone is None or self.booted.type != self.clone.type:
            return False
        if self.booted.visible == self.clone.visible:
            return True
        moved = (change(self.booted, self.booted_then), change(self.clone, self.clone_then))
        return Change.TOUCHED in moved

    @property
    def identical(self) -> bool:
        """Both sides are there and a look found them alike in everything."""
        return (
            self.booted is not None
            and self.clone is not None
            and self.booted.visible == self.clone.visible
            and self.hidden == ""
        )

    @property
    def size(self) -> int:
        """The bytes this path stands for: the booted file's, or the clone's where that is gone."""
        entry = self.booted or self.clone or self.booted_then
        return entry.size if entry is not None and entry.is_file else 0
