"""Compare what both sides have alike, as the record says it: a difference is a fault of a disk."""

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from drdwrap.errors import RefusedError, in_words
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, entry_at, path_of
from drdwrap.linux import durable, run_note
from drdwrap.paths.arithmetic import absolute
from drdwrap.record.store import Record
from drdwrap.rsync.output import Progress
from drdwrap.sync.begin import Run
from drdwrap.sync.trust import trusted_record
from drdwrap.verify import how_far
from drdwrap.verify.compare_contents import first_difference
from drdwrap.verify.how_far import HowFar

_AT_ONCE = 4
"""Files that are read at the same time: a disk that seeks has something to choose from."""

_BATCH = 256
_KEPT_EVERY = 10
"""Seconds between two notes of how far it is."""


@dataclass(frozen=True)
class Compared:
    """What became of one file: how many bytes were compared, or -1 if it has changed since the last
    sync; and what differs, or is empty."""

    path: bytes
    size: int
    found: str = ""


def compare_contents(
    run: Run, tell: Callable[[Progress], None] | None, say: Callable[[str], object]
) -> HowFar:
    """Compare the contents of every file that is on both sides as the last sync has left it.

    An interrupted comparison goes on where it was, unless a sync has come between; `say` is told.
    RefusedError without a record; RecordError; OSError.
    """
    record, intent = trusted_record(run)
    if record is None:
        raise RefusedError("there is no record to go by", "run 'drdwrap sync' first")
    if intent is not None:
        raise RefusedError("the last sync was cut off", "run 'drdwrap sync' first")
    now = how_far.begin(run.state.contents_verified, record.header)
    if now.files:
        say(f"Going on with the comparison of {now.started}: {now.files:,} files are done.")
    files = _files(record)
    kept = time.monotonic()
    run_note.note("comparing contents")
    try:
        with ThreadPoolExecutor(_AT_ONCE) as readers:
            for start in range(now.files, len(files), _BATCH):
                batch = files[start : start + _BATCH]
                for one in readers.map(lambda pair: _compared(run, *pair), batch):
                    _count(now, one)
                run_note.note("comparing contents", f"{now.files:,} of {len(files):,} files")
                if tell is not None:
                    tell(Progress(now.size, now.files, len(files)))
                if time.monotonic() - kept > _KEPT_EVERY:
                    how_far.keep(run.state.contents_verified, now)
                    kept = time.monotonic()
    except BaseException:
        how_far.keep(run.state.contents_verified, now)
        raise
    durable.remove(run.state.contents_verified)
    return now


def _count(now: HowFar, one: Compared) -> None:
    now.files += 1
    if one.size >= 0:
        now.compared += 1
        now.size += one.size
    if one.found:
        now.differing[one.path] = one.found


def _files(record: Record) -> list[tuple[bytes, bytes]]:
    """The lines of each regular file that is not empty, on both sides, in the booted side's order.
    Of a file with several names there is one."""
    clone = {path_of(line): line for line in storage.lines(record.clone) if b"//f " in line}
    return list(_paired(record, clone))


def _paired(record: Record, clone: dict[bytes, bytes]) -> Iterator[tuple[bytes, bytes]]:
    seen: set[tuple[bytes, ...]] = set()
    for line in storage.lines(record.booted):
        other = clone.get(path_of(line)) if b"//f " in line else None
        if other is None or not storage.size_of(line):
            continue
        if storage.is_linked(other):
            # (A number is that of another file on another volume, if size and times agree too.)
            linked = tuple(other.partition(b"//")[2].split(b" "))
            if linked in seen:
                continue
            seen.add(linked)
        yield line, other


def _compared(run: Run, booted_line: bytes, clone_line: bytes) -> Compared:
    """One file. OSError is what was found."""
    then = Entry.parse(booted_line), Entry.parse(clone_line)
    path = then[0].path
    roots = run.trees.booted.root, run.trees.clone.root
    try:
        if tuple(entry_at(root, path) for root in roots) != then or not _alike(*then):
            return Compared(path, -1)
        offset = first_difference(absolute(roots[0], path), absolute(roots[1], path))
        # Whoever wrote to it meanwhile has moved a time.
        if offset is not None and tuple(entry_at(root, path) for root in roots) != then:
            return Compared(path, -1)
    except OSError as error:
        return Compared(path, 0, in_words(run.trees.as_seen_by_all(error)))
    found = "" if offset is None else f"differs from byte {offset:,} on"
    return Compared(path, then[0].size, found)


def _alike(booted: Entry, clone: Entry) -> bool:
    return (booted.size, booted.mtime) == (clone.size, clone.mtime)
