"""The first fill: everything is copied onto a clone that is there, and its record begins."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from time import CLOCK_REALTIME, clock_gettime_ns, time

from drdwrap import reports
from drdwrap.config.model import Config
from drdwrap.errors import (
    DrdwrapError,
    IncompleteError,
    ProgramError,
    RefusedError,
    in_words,
)
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, path_of
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.linux import run_note, swap_files
from drdwrap.linux.holes import LARGE
from drdwrap.log import Log
from drdwrap.pair.identity import root_part
from drdwrap.paths.arithmetic import absolute, all_above, parent
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList, literal
from drdwrap.record import intent as intents
from drdwrap.record import made_here, marker
from drdwrap.record.intent import Intent
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header
from drdwrap.rsync import command
from drdwrap.rsync.output import Progress, noting
from drdwrap.rsync.run import run_once
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import clone_notice, hollow_files
from drdwrap.sync.begin import Run, opened
from drdwrap.sync.commit import commit, syncing
from drdwrap.sync.determine import bring_to_disk
from drdwrap.sync.emptied_clone import empty_clone, empty_too_deep
from drdwrap.sync.empty_volumes import refuse_empty
from drdwrap.sync.fill_encryption import StayingOut, take_back
from drdwrap.sync.fill_room import refuse_without_room
from drdwrap.sync.filled import Filled, describe, is_no_failure, paths_with_other_attributes
from drdwrap.sync.first_record import match, recorded_booted, recorded_clone
from drdwrap.sync.read_only_clone import read_only_clone
from drdwrap.sync.result import RunResult
from drdwrap.sync.roles import state_on_other
from drdwrap.sync.rules_file import write_fill_rules
from drdwrap.sync.staging import Staging

Finish = Callable[[Run], Sequence[bytes]]

_AGAIN = "'drdwrap clone --overwrite' starts again"


def _nothing_to_finish(_: Run) -> Sequence[bytes]:
    return ()


@dataclass(frozen=True)
class FillRequest:
    """What was asked for. `overwrite` allows a clone that holds something already; `unencrypted`
    allows what the booted system has encrypted to be readable on it.

    `finish` does to the filled clone what else is to be done before its record is written, and
    returns the paths (relative) that it has made or changed there: they are the clone's own
    permanently.
    """

    preview: bool = False
    overwrite: bool = False
    unencrypted: bool = False
    tell: Callable[[Progress], None] | None = None
    finish: Finish = _nothing_to_finish


def fill(config: Config, state: StateDirectory, log: Log, request: FillRequest) -> RunResult:
    """Fill the clone and write its first record. The lock is held.

    Errors: DrdwrapError, Interrupted. A fill that is cut off leaves its intent, and `sync` refuses
    until another fill is done.
    """
    with opened(config, state, log, in_any_role=True) as found:
        run = replace(found, unencrypted=request.unencrypted)
        present = _present(run)
        if present and not request.overwrite and not request.preview:
            raise RefusedError(
                f"the clone holds something already: {for_screen(present)}",
                "'drdwrap clone --overwrite' replaces everything on it",
            )
        begun = bring_to_disk(run)
        refuse_empty(run)
        result = RunResult(for_screen(run.pair.booted_root), for_screen(run.pair.clone_root))
        if request.preview:
            log.item("Reading the booted system.")
        (booted,) = scan([run.trees.booted], run.excluded)
        refuse_without_room(run, booted, occupied=bool(present))
        if not request.preview:
            _fill(run, booted, result, bool(present), request, begun)
        else:
            _plan(run, booted, result, present, overwrite=request.overwrite)
    return result


def _count(booted: Inventory, transient: Sequence[bytes], result: RunResult) -> None:
    """`transient` are those of the booted lines that are not to be copied."""
    initial = storage.count(booted.storage) - 1  # the root is not on the list
    wanted = initial - len(transient)
    result.counts = {"initial": initial, "files_to_be_copied": wanted, "copied": 0, "deleted": 0}
    sizes = storage.total_size(booted.storage) - sum(map(storage.size_of, transient))
    result.bytes_to_be_copied = sizes


def _plan(
    run: Run, booted: Inventory, result: RunResult, present: bytes, *, overwrite: bool
) -> None:
    """Say what a fill would do. `present` is something that the clone holds already, or b""."""
    out = StayingOut()
    out.look(run, booted)
    booted = out.without(booted)
    result.warnings += out.warnings
    lines = storage.lines(booted.storage)
    _count(booted, [line for line in lines if run.locations.cover_transient(path_of(line))], result)
    result.plan.append(
        f"{result.counts['files_to_be_copied']:,} files, {result.bytes_to_be_copied:,} bytes,"
        f" would be copied from {result.booted_root} to {result.clone_root}."
    )
    if present:
        held = f"The clone holds something already ({for_screen(present)})"
        result.plan.append(
            f"{held}, which is replaced." if overwrite else f"{held}: this will need --overwrite."
        )


def _present(run: Run) -> bytes:
    """Something that the clone holds and an empty file system does not, or b""."""
    leading = all_above(run.pair.volumes).union(run.pair.volumes)
    for volume in run.pair.volumes:
        directory = absolute(run.trees.clone.root, volume)
        for name in os.listdir(directory):
            path = absolute(volume, name) if volume else name
            if name not in (b"lost+found", command.STAGING) and path not in leading:
                return b"/" + path
    return b""


def _fill(
    run: Run,
    before: Inventory,
    result: RunResult,
    onto_files: bool,
    request: FillRequest,
    begun: int,
) -> None:
    """`before` is the booted side before the copy, `begun` a time before its pages were written
    out, in nanoseconds."""
    excluded = PatternList(run.excluded)
    swaps = [path for path in run.swap_files if not excluded.cover(path)]
    header = Header.first(run.pair, int(time())).next()
    header = replace(header, unencrypted=run.unencrypted)
    out = StayingOut()
    out.look(run, before)
    hollow = _with_large_holes(run, out.without(before))
    try:
        reports.write(run.state.reports, {})  # what they said was of another clone
        intents.write(run.state.intent, Intent.of(header, "fill"))
        Staging(run.trees, run.pair).remove()
        arguments = command.fill(
            write_fill_rules(run, [*out.patterns, *(literal(one.path) for one in hollow)]),
            run.config.rsync.options,
            onto_files=onto_files and empty_clone(run),
            progress=True,
        )
        transcript = _copy(run, arguments, request.tell)
        failed_here = _copy_hollow(run, hollow)
        copied = clock_gettime_ns(CLOCK_REALTIME)
        _make_swap_files(run, swaps)
        own = (*swaps, *request.finish(run))
        header = replace(header, made_here=tuple(own))
        made_here.write(run.state.made_here, header)
        marker.write(run.trees.clone.root, marker.Marker.of(header))
        _mark_as_clone(run)
        with syncing(run) as synced:
            # Only now, both at once, which takes no longer than one. What has changed since the
            # copy began is as young as the scan to it: it may have been copied before.
            transient = replace(run.trees.clone, excluded=run.locations.transient)
            booted, clone = scan((run.trees.booted, transient), run.excluded)
            if new := out.look(run, booted):
                take_back(run, new)
                (clone,) = scan([transient], run.excluded)
            empty_too_deep(run, clone)
            booted = replace(out.without(booted), started=begun)
            unclear = any(not is_no_failure(line) for line in transcript.unexplained)
            others = paths_with_other_attributes(run, booted)
            failed = others.union(transcript.named())
            matched = match(booted, clone, failed, trusted=not unclear)
            commit(run, header, recorded_booted(booted, matched), recorded_clone(clone), synced)
    except (OSError, DrdwrapError) as error:
        if lost := read_only_clone(run, _AGAIN):
            raise lost from error
        if isinstance(error, OSError):
            message = in_words(run.trees.as_seen_by_all(error))
        elif isinstance(error, ProgramError):
            message = error.message
        else:
            raise
        raise DrdwrapError(f"the clone could not be filled: {message}", _AGAIN) from error
    left_out = [line for line in matched.unmatched if run.locations.cover_transient(path_of(line))]
    _count(booted, left_out, result)
    not_copied = matched.absent.union(failed) - {b""}
    result.counts["copied"] = result.counts["initial"] - len(not_copied)
    result.warnings += out.warnings
    describe(
        Filled(run, booted, clone, matched, transcript, others, own, copied, failed_here), result
    )


def _mark_as_clone(run: Run) -> None:
    """The image that was filled is the clone now, whatever the two were before. OSError."""
    carried = marker.read(run.pair.booted_root)
    if carried is not None and carried.other in ("", root_part(run.pair.clone_id)):
        marker.remove(run.pair.booted_root)
    clone_notice.take_away(run.state)
    there = state_on_other(run.state, run.pair, run.trees)
    if there is not None:
        clone_notice.leave(there)


def _copy(
    run: Run,
    arguments: Sequence[bytes | str],
    tell: Callable[[Progress], None] | None,
) -> Transcript:
    run.log.item("Filling the clone.")
    run_note.note("filling the clone")
    transcript = Transcript()
    run_once(arguments, run.trees, transcript, noting("filling the clone", tell))
    if transcript.cut_off:
        raise IncompleteError(transcript.why_cut_off(), _AGAIN)
    return transcript


def _with_large_holes(run: Run, booted: Inventory) -> list[Entry]:
    large = (line for line in storage.lines(booted.storage) if storage.size_of(line) > LARGE)
    entries = (entry for line in large if _is_copied(run, entry := Entry.parse(line)))
    return hollow_files.find(run.trees.booted.root, entries)


def _is_copied(run: Run, entry: Entry) -> bool:
    return entry.path not in run.swap_files and not run.locations.cover_transient(entry.path)


def _copy_hollow(run: Run, entries: Sequence[Entry]) -> dict[bytes, str]:
    """Copy what rsync was not to see, since it would read the holes. Returns what failed, and why.
    OSError."""
    booted, clone = run.trees.booted.root, run.trees.clone.root
    places = {entry.path: absolute(clone, entry.path) for entry in entries}
    for place in places.values():
        with suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(place)  # one that was excluded from what was removed before
    failed = hollow_files.copy(entries, booted, places).failed
    for directory in {parent(path) for path in places}:
        with suppress(OSError):  # if it is not there, the file has failed or vanished
            found = os.lstat(absolute(booted, directory))
            times = (found.st_atime_ns, found.st_mtime_ns)
            os.utime(absolute(clone, directory), ns=times, follow_symlinks=False)
    return failed


def _make_swap_files(run: Run, paths: list[bytes]) -> None:
    for path in paths:
        target = absolute(run.trees.clone.root, path)
        if os.path.lexists(target):
            os.unlink(target)
    if paths:
        run.log.item("Making the swap files.")
        swap_files.make(run.trees.booted.root, run.trees.clone.root, paths)
