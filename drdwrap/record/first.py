"""The first record, right after the fill: everything on the clone is drdwrap's own work.

What looks there as it did on the booted system is in step. What does not (the booted file changed
while the clone was filled) is recorded as put, with a booted side that nothing is like, so that the
next sync compares it.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from drdwrap.inventory import storage
from drdwrap.inventory.compare import never_seen
from drdwrap.inventory.entry import Entry, path_of
from drdwrap.inventory.scan import Inventory


@dataclass(frozen=True)
class Match:
    """The clone's lines that look like no booted one, the booted lines that look like none of the
    clone's, and the paths that the clone has not at all."""

    unlike: frozenset[bytes]
    unmatched: frozenset[bytes]
    missing: frozenset[bytes]


def match(booted: Inventory, clone: Inventory, failed: Collection[bytes]) -> Match:
    """Compare the two scans by what lstat shows of both alike, path by path.

    What rsync complained about (`failed`) is like nothing, however it looks.
    """
    looks = {_look(line) for line in storage.lines(clone.storage)}
    unmatched = {line for line in storage.lines(booted.storage) if _look(line) not in looks}
    looks = {_look(line) for line in storage.lines(booted.storage)}
    unlike = {line for line in storage.lines(clone.storage) if _look(line) not in looks}
    unmatched |= set(booted.finder.select(failed).values())
    unlike |= set(clone.finder.select(failed).values())
    missing = {path_of(line) for line in unmatched} - {path_of(line) for line in unlike}
    return Match(frozenset(unlike), frozenset(unmatched), frozenset(missing))


def _look(line: bytes) -> bytes:
    """A line without change time, inode and links."""
    return line.rsplit(b" ", 3)[0]


def recorded_booted(booted: Inventory, matched: Match) -> Iterator[bytes]:
    """The booted section of the record, in pieces.

    A change time that is too young to be trusted is left out: the next run looks again.
    """
    for line in storage.lines(booted.storage):
        if line not in matched.unmatched:
            if booted.is_unsettled(line.rsplit(b" ", 3)[1]):
                line = Entry.parse(line)._replace(ctime=b"0").line
            yield line + b"\0"
    for line in matched.unlike:
        yield never_seen(Entry.parse(line)).line + b"\0"


def recorded_clone(clone: Inventory) -> Iterator[bytes]:
    """The clone's section of the record: all of it."""
    yield clone.storage[:]
