"""The record turned round: its two halves change places, and what may be torn is left out.

A path that is in neither half and differs on the two sides counts as changed on the clone, so no
sync overwrites it.
"""

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.inventory import storage
from drdwrap.inventory.beyond_lstat import hidden_difference, same_attributes
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.inventory.finder import Finder
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.record.intent import Intent
from drdwrap.record.store import Header, Record


@dataclass(frozen=True)
class TurnedRecord:
    """The record for the new roles. `held` are paths that a run in the old roles may have left torn
    on what was its clone, and that differ on the two sides: sorted."""

    header: Header
    record: Record
    held: tuple[bytes, ...] = ()
    _booted: Mapping[bytes, bytes | None] = field(default_factory=dict)
    _clone: Mapping[bytes, bytes | None] = field(default_factory=dict)

    def booted(self) -> Iterator[bytes]:
        """The lines of what was the clone, in pieces."""
        return Finder(self.record.clone).replaced(self._booted)

    def clone(self, root: Entry | None = None) -> Iterator[bytes]:
        """The lines of what was the booted system, in pieces; `root` is its root directory's new
        entry."""
        changes = dict(self._clone)
        if root is not None:
            changes[b""] = root.line
        return Finder(self.record.booted).replaced(changes)

    def in_memory(self) -> Record:
        """The record that these lines make."""
        booted, clone = b"".join(self.booted()), b"".join(self.clone())
        return Record(self.header, booted, clone, storage.count(booted))

    def root_is_untouched(self, trees: Trees) -> bool:
        """Whether the clone's root directory is as recorded, its change time aside."""
        with suppress(OSError):
            now = entry_at(trees.clone.root, b"")
            then = Finder(self.record.booted).select([b""]).get(b"")
            return (
                now is not None
                and then is not None
                and now.visible == Entry.parse(then).visible
                and same_attributes(trees.booted.root, trees.clone.root)
            )
        return False


def turned(record: Record, cut_off: Intent | None, trees: Trees) -> TurnedRecord:
    """`record` turned round for `trees`, in which the former clone is the booted side. `cut_off` is
    the open intent of a run in the old roles. OSError."""
    generation = max(record.header.generation, cut_off.generation if cut_off else 0) + 1
    header = record.header.turned(generation)
    booted: dict[bytes, bytes | None] = {}
    clone: dict[bytes, bytes | None] = {}
    held = []
    for path in _intended(cut_off):
        here, there = (entry_at(side.root, path) for side in (trees.booted, trees.clone))
        if here is not None and there is not None and _are_alike(here, there, trees):
            booted[path], clone[path] = here._replace(ctime=b"0").line, there.line
            continue
        booted[path] = clone[path] = None
        if path and there is not None:
            held.append(path)
    return TurnedRecord(header, record, tuple(sorted(held)), booted, clone)


def _intended(cut_off: Intent | None) -> set[bytes]:
    """What that run was about to put."""
    if cut_off is None:
        return set()
    return {put.entry.path for put in cut_off.puts} | {m.staged.path for m in cut_off.moves}


def _are_alike(here: Entry, there: Entry, trees: Trees) -> bool:
    if here.visible != there.visible:
        return False
    booted, clone = (absolute(side.root, here.path) for side in (trees.booted, trees.clone))
    with suppress(OSError):
        return hidden_difference(booted, clone) == ""
    return False
