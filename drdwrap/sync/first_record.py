"""The first record, right after the fill: everything on the clone is drdwrap's own work.

What looks the same on both sides, and has not changed on the booted system since the copy began, is
in step. What does not (the booted file changed while the clone was filled) is recorded as put, with
a booted side that no file is like, so that the next sync compares it. Where rsync has complained,
and it is not clear about what, everything is compared.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from drdwrap.changes.candidate import never_seen
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, path_of
from drdwrap.inventory.scan import Inventory


@dataclass(frozen=True)
class Match:
    """How the two scans fit.

    `unlike` are the clone's lines that look like no booted line, `unmatched` the booted lines that
    look like no line of the clone. `absent` are the paths that the clone does not have; those of
    them that were there when the copy began are `missing`. `unsettled` are the booted lines in step
    whose change time is not to be trusted.
    """

    unlike: frozenset[bytes]
    unmatched: frozenset[bytes]
    absent: frozenset[bytes]
    missing: frozenset[bytes]
    unsettled: frozenset[bytes]


def match(
    booted: Inventory, clone: Inventory, failed: Collection[bytes], *, trusted: bool = True
) -> Match:
    """Compare the two scans path by path, by what lstat shows.

    What rsync complained about (`failed`) counts as unlike, however it looks. Without `trusted`,
    attributes of any path may be missing.
    """
    # Change time, inode and links are each side's own. The rest begins with the path, so there is
    # one of each.
    on_clone = {line.rsplit(b" ", 3)[0] for line in storage.lines(clone.storage)}
    unmatched, unsettled = set(), set()
    for line in storage.lines(booted.storage):
        visible, ctime, _, _ = line.rsplit(b" ", 3)
        if visible not in on_clone:
            unmatched.add(line)
            continue
        on_clone.remove(visible)
        if not trusted or booted.is_unsettled(ctime):
            unsettled.add(line)
    unlike = set(clone.finder.select({path_of(visible) for visible in on_clone}).values())
    unmatched |= set(booted.finder.select(failed).values())
    unlike |= set(clone.finder.select(failed).values())
    absent = {path_of(line) for line in unmatched} - {path_of(line) for line in unlike}
    # What has appeared since the copy began is no failure of it.
    appeared = {path_of(line) for line in unmatched if booted.is_unsettled(line.rsplit(b" ", 3)[1])}
    return Match(
        frozenset(unlike),
        frozenset(unmatched),
        frozenset(absent),
        frozenset(absent - appeared),
        frozenset(unsettled - unmatched),
    )


def recorded_booted(booted: Inventory, matched: Match) -> Iterator[bytes]:
    """The booted section of the record, in pieces.

    A change time that is not to be trusted is left out: the next run looks again.
    """
    lines: dict[bytes, bytes | None] = dict.fromkeys(map(path_of, matched.unmatched))
    for line in matched.unlike:
        lines[path_of(line)] = never_seen(Entry.parse(line)).line
    for line in matched.unsettled:
        lines[path_of(line)] = Entry.parse(line)._replace(ctime=b"0").line
    return booted.finder.replaced(lines)


def recorded_clone(clone: Inventory) -> Iterator[bytes]:
    """The clone's section of the record: all of it."""
    yield clone.storage[:]
