"""One transfer: rsync copies to the staging directory; what has arrived goes to its place.

What may go is decided by what lies there: it must look as the booted file was planned, or that must
have changed meanwhile. The order makes it survive a kill: what is about to be moved is on the
clone's disk, then it is declared, then it is moved.
"""

import errno
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import replace

from drdwrap.changes.candidate import Candidate
from drdwrap.errors import NO_ROOM, not_completed
from drdwrap.inventory.entry import Entry
from drdwrap.linux import run_note, signals, syscalls
from drdwrap.paths.arithmetic import is_below
from drdwrap.plan import Transfer, transfers_of
from drdwrap.rsync.output import Total
from drdwrap.rsync.run import Rsync, transfer
from drdwrap.rsync.stalls import Stall
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import guard, hollow_files, move_in
from drdwrap.sync.arrivals import arrivals
from drdwrap.sync.declare import Declaration
from drdwrap.sync.further_names import further_names, link_names
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState

_STARTS = 4
"""How often rsync is started for the same transfer, where it stalled, a name vanished or there was
no room. A stall costs a while, and a shutdown waits."""


def run_transfer(
    rsync: Rsync,
    wanted: Transfer,
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    transcript: Transcript,
    total: Total | None,
) -> None:
    """Copy what is wanted, of which the guard has said that it may be copied. OSError."""
    paths = wanted.paths
    vanished: set[bytes] = set()
    for start in range(1, _STARTS + 1):
        try:
            job.staging.make_parents(wanted.volume, paths)
        except OSError as error:
            if error.errno not in NO_ROOM:
                raise
            _no_room(job, ledger, paths)
            return
        new_root = job.staging.new_root(wanted.volume)
        for_rsync = _without_hollow(job, ledger, paths)
        further = further_names(job, for_rsync)
        listed = tuple(path for path in for_rsync if path not in further)
        now = replace(wanted, paths=listed)
        stalls = transfer(rsync, now, new_root, transcript, total) if listed else []
        for stall in stalls:
            _leave_out(job, ledger, stall)
        with signals.deferred():
            vanished = link_names(job, further, transcript)
            left = [path for path in paths if ledger.state(path) is None and path not in vanished]
            move_staged(job, ledger, declaration, transcript, wanted.volume, left, bool(stalls))
        full = transcript.lacked_room(left)
        if full:  # what was too large is named now, and the rest may fit
            transcript.go_on()
            if start == _STARTS:
                _no_room(job, ledger, left)
        paths = tuple(path for path in paths if ledger.state(path) is None)
        if not paths or transcript.cut_off or not (stalls or vanished or full):
            return
        if not all(stall.opening for stall in stalls):
            break  # it would do the same again
    for path in paths:
        if path in vanished:
            ledger.note(path, PathState.CHANGING)
        else:
            ledger.note(path, PathState.FAILED, "rsync made no progress, and was ended")


def _without_hollow(job: Job, ledger: Ledger, paths: tuple[bytes, ...]) -> tuple[bytes, ...]:
    """Copy the files with large holes among these paths to the staging directory, and return those
    that rsync is to copy."""
    entries = [booted for path in paths if (booted := job.copies[path].booted) is not None]
    hollow = hollow_files.find(job.trees.booted.root, entries)
    if not hollow:
        return paths
    places = {entry.path: job.staging.new(entry.path) for entry in hollow}
    for entry in hollow:
        job.staging.discard(entry.path)  # of the turn before, if rsync is started once more
    copied = hollow_files.copy(hollow, job.trees.booted.root, places)
    ledger.note_all(copied.changed, PathState.CHANGING)
    for path, why in copied.failed.items():
        ledger.note(path, PathState.FAILED, why)
    guard.leave_out_sets(job, ledger, sorted(copied.changed.union(copied.failed)))
    return tuple(p for p in paths if p not in copied.paths and ledger.state(p) is None)


def _no_room(job: Job, ledger: Ledger, paths: Iterable[bytes]) -> None:
    """Leave out what has no note yet: the clone is full."""
    found = [path for path in paths if ledger.state(path) is None]
    for path in found:
        ledger.note(path, PathState.FAILED, os.strerror(errno.ENOSPC))
    guard.leave_out_sets(job, ledger, found)


def _leave_out(job: Job, ledger: Ledger, stall: Stall) -> None:
    """Note what rsync waited for, if that is known, under all its names."""
    root = job.trees.booted.root.rstrip(b"/") + b"/"
    path = (stall.opening or b"").removeprefix(root)
    links = job.seen.comparison.booted_links
    names = {path, *(links.names_of_all({path}) if links is not None else ())}
    for name in names:
        if name in job.copies:
            ledger.note(name, PathState.FAILED, stall.why)
    guard.leave_out_sets(job, ledger, [name for name in names if name in ledger.copies])


def different_transfers(job: Job, paths: Iterable[bytes]) -> tuple[Transfer, ...]:
    """The transfers of files whose attributes alone were to be set, and whose contents differ; with
    all their names."""
    links = job.seen.comparison.booted_links
    names = set(paths)
    if links is not None:
        names |= links.names_of_all(names) & job.copies.keys()
    copied = {path: job.copies[path] for path in names}
    return transfers_of(copied, job.copies, job.pair, links, job.kept_together)


def link_all(job: Job, ledger: Ledger, declaration: Declaration) -> None:
    """Make the further names of files that the clone has. OSError."""
    links = job.plan.links
    wanted = guard.leave_out_changed(job, ledger, sorted(links))
    sources = {path for path in set(links.values()) if _is_as_put(job, ledger, path)}
    by_volume: dict[bytes, list[bytes]] = {}
    for path in wanted:
        if links[path] in sources:
            by_volume.setdefault(job.pair.volume_of(path), []).append(path)
        else:
            ledger.note(path, PathState.CHANGED, "the file that it is a name of changed meanwhile")
    with signals.deferred():
        for volume, paths in by_volume.items():
            job.staging.make_parents(volume, paths)
            for at, path in enumerate(paths, 1):
                run_note.note("making further names of files", f"{at:,} of {len(paths):,}")
                try:
                    os.link(
                        job.clone_path(links[path]), job.staging.new(path), follow_symlinks=False
                    )
                except OSError as error:
                    ledger.note(path, PathState.FAILED, os.strerror(error.errno or 0))
            _move(job, ledger, declaration, volume, dict.fromkeys(paths, (PathState.COPIED, "")))


def _is_as_put(job: Job, ledger: Ledger, path: bytes) -> bool:
    """Whether the clone's file still is as this run has left it."""
    note = ledger.copies.get(path)
    with suppress(OSError):
        now = job.on_clone(path)
        return now is not None and note is not None and note.put == now
    return False


def move_staged(
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    transcript: Transcript,
    volume: bytes,
    paths: Iterable[bytes],
    stalled: bool = False,
) -> None:
    """Judge what has arrived of these paths, and move to its place what may go there. `stalled`:
    rsync was ended before it had gone through them."""
    going: dict[bytes, tuple[PathState, str]] = {}
    failed = []
    cut_off = stalled or bool(transcript.cut_off)
    for path, arrival in arrivals(job, transcript, paths, cut_off).items():
        if arrival.state is None:
            continue  # not reached
        if arrival.goes:
            going[path] = arrival.state, arrival.why
            continue
        ledger.note(path, arrival.state, arrival.why)
        failed.append(path)
        with suppress(OSError):  # what stays there is removed at the end of the run
            job.staging.discard(path)
    guard.leave_out_sets(job, ledger, failed)
    if cut_off:
        job.staging.keep_only(volume, going)
    _move(job, ledger, declaration, volume, going)


def _move(
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    volume: bytes,
    going: Mapping[bytes, tuple[PathState, str]],
) -> None:
    """Bring to the disk, declare, and move. DrdwrapError where either of the first two fails."""
    allowed = set(guard.leave_out_changed(job, ledger, sorted(going)))
    staged: dict[bytes, Entry] = {}
    for path in sorted(going):
        entry = job.staging.entry(path)
        if path in allowed and entry is not None:
            staged[path] = entry
        else:
            with suppress(OSError):
                job.staging.discard(path)
    if not staged:
        return
    try:
        syscalls.syncfs(job.clone_path(volume))
        declaration.add_moves(job, staged)
    except OSError as error:
        raise not_completed(job.trees.as_seen_by_all(error)) from error
    for at, (path, entry) in enumerate(staged.items(), 1):
        run_note.note("moving what has arrived to its place", f"{at:,} of {len(staged):,} files")
        try:
            below = _below(job, path)
            why = _move_one(job, ledger, path, entry, below)
            if why:
                ledger.note(path, PathState.CHANGED, why)
            else:
                job.note_put(ledger, path, *going[path])
                ledger.note_all(below, PathState.REMOVED)
        except OSError as error:
            ledger.note(path, PathState.FAILED, os.strerror(error.errno or 0))
        if ledger.state(path) in (PathState.CHANGED, PathState.FAILED):
            guard.leave_out_sets(job, ledger, [path])


def _below(job: Job, path: bytes) -> Mapping[bytes, Candidate]:
    """What goes with a directory of the clone that becomes something else."""
    there = job.copies[path].clone
    if there is None or not there.is_directory:
        return {}
    return {p: c for p, c in job.plan.replaced.items() if is_below(p, path)}


def _move_one(
    job: Job, ledger: Ledger, path: bytes, staged: Entry, below: Mapping[bytes, Candidate]
) -> str:
    """Move one path, in whose place goes what is `below` it too. Returns why it was not moved, or
    the empty string. OSError."""
    now = job.on_clone(path)
    if now is not None and (now.inode, now.type) == (staged.inode, staged.type):
        return ""  # it went with its directory, or it is another name of the same file
    if not guard.may_be_replaced(job, ledger, job.copies[path], now):
        return move_in.CHANGED  # since the whole transfer was looked at
    return move_in.move_in(job.staging, path, now, below)
