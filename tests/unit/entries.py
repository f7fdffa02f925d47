"""Files as a scan sees them, and candidates for each row of the decision table, in few words."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.inventory.scan import Inventory
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.pair.side import Side

PAIR = Pair(b"/booted", b"/clone", (b"", b"var"), "booted", "clone")
STARTED = 1_000_000_000_000
"""When the scans of the made-up inventories began, in nanoseconds: second 1000."""
YOUNG, OLD = b"1000.5000000000", b"100.0000000000"
"""A change time as young as the scan, and one that can be trusted."""


def file(
    path: bytes,
    *,
    size: int = 10,
    mtime: bytes = OLD,
    ctime: bytes = OLD,
    inode: bytes = b"5",
    links: int = 1,
    mode: bytes = b"644",
    uid: bytes = b"0",
    gid: bytes = b"0",
) -> Entry:
    return Entry(path, b"f", mode, uid, gid, size, mtime, ctime, inode, links)


def directory(path: bytes, *, mode: bytes = b"755", ctime: bytes = OLD) -> Entry:
    return Entry(path, b"d", mode, b"0", b"0", 0, OLD, ctime, b"7", 2)


def symlink(path: bytes) -> Entry:
    return Entry(path, b"l", b"777", b"0", b"0", 6, OLD, OLD, b"9", 1)


def edited(entry: Entry, time: bytes = b"200.0000000000") -> Entry:
    """The same, changed at that time: a file's contents, a directory's mode."""
    if entry.is_directory:
        return entry._replace(mode=b"700", ctime=time)
    return entry._replace(size=entry.size + 1, mtime=time, ctime=time)


def in_step(entry: Entry) -> Candidate:
    return Candidate(entry.path, entry, entry, entry, entry)


def new(entry: Entry) -> Candidate:
    """On the booted system only, and not in the record."""
    return Candidate(entry.path, entry, None, None, None)


def changed(entry: Entry, now: Entry | None = None) -> Candidate:
    """On the booted system something else now (`now`: what); the clone is as the record says."""
    return Candidate(entry.path, now or edited(entry), entry, entry, entry)


def changed_on_clone(entry: Entry, now: Entry | None = None) -> Candidate:
    """The other way round."""
    return Candidate(entry.path, entry, entry, now or edited(entry), entry)


def changed_on_both(entry: Entry) -> Candidate:
    there = edited(entry, b"300.0000000000")
    return Candidate(entry.path, edited(entry), entry, there, entry)


def erased(entry: Entry) -> Candidate:
    """Erased on the booted system; the clone is as the record says."""
    return Candidate(entry.path, None, entry, entry, entry)


def erased_on_clone(entry: Entry) -> Candidate:
    return Candidate(entry.path, entry, entry, None, entry)


def erased_on_both(entry: Entry) -> Candidate:
    return Candidate(entry.path, None, entry, None, entry)


def erased_but_changed_on_clone(entry: Entry) -> Candidate:
    return Candidate(entry.path, None, entry, edited(entry), entry)


def stored(entries: Iterable[Entry]) -> bytes:
    return b"".join(entry.line + b"\0" for entry in entries)


def inventory(*entries: Entry, unreadable: tuple[bytes, ...] = ()) -> Inventory:
    """What a scan that saw these would have returned."""
    linked = stored(e for e in entries if e.links > 1 and not e.is_directory)
    return Inventory(stored(entries), linked, STARTED, unreadable)


def links(*files: Iterable[bytes]) -> LinkGroups:
    """Hard-linked files of one side, each as its names."""
    return LinkGroups(inventory(*names(*files)), PAIR)


def names(*files: Iterable[bytes]) -> list[Entry]:
    """The entries of files that have several names each."""
    return [
        file(name, inode=b"%d" % number, links=2)
        for number, one in enumerate(files, start=100)
        for name in one
    ]


def trees(place: Path) -> Trees:
    """Two directories in `place`, to be filled by the test."""
    roots = os.fsencode(place / "booted"), os.fsencode(place / "clone")
    for root in roots:
        os.makedirs(root, exist_ok=True)
    return Trees(Side(roots[0]), Side(roots[1]), without_links=False, roots=roots)


def seen(root: bytes, path: bytes) -> Entry:
    """The entry of what is there."""
    entry = entry_at(root, path)
    assert entry is not None
    return entry
