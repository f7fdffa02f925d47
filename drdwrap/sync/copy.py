"""The copy itself, in the order that makes it survive anything:

the intent made durable, the copy, syncfs on every file system of the clone, the record made
durable. `docs/internals.md` draws it.
"""

import os
from collections.abc import Callable
from dataclasses import replace

from drdwrap.changes.decision_table import Outcome
from drdwrap.checks import Check
from drdwrap.errors import DrdwrapError, Interrupted, RefusedError, in_words
from drdwrap.linux import signals
from drdwrap.paths.arithmetic import is_below
from drdwrap.record import intent as intents
from drdwrap.record.intent import Intent
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header, Record
from drdwrap.rsync import command
from drdwrap.rsync.output import Progress, Total
from drdwrap.rsync.run import Rsync, run_once, transfer
from drdwrap.rsync.temporary import remove_temporary
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import deletions, guard, removal, space, special_bits
from drdwrap.sync.arrival import Arrived
from drdwrap.sync.arrivals import look_at_arrivals, note_made
from drdwrap.sync.begin import Run
from drdwrap.sync.commit import Synced, commit, syncing
from drdwrap.sync.declare import Declaration
from drdwrap.sync.determine import Determined
from drdwrap.sync.job import Job, job_of
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.next_record import next_record
from drdwrap.sync.renewed_entries import moved_along, trusted_after_all
from drdwrap.sync.result import RunResult
from drdwrap.sync.rules_file import write_rules
from drdwrap.sync.summary import summarize
from drdwrap.sync.times_and_marker import tidy
from drdwrap.sync.trust import first_header

Tell = Callable[[Progress], None]


def copy_over(
    run: Run,
    seen: Determined,
    record: Record | None,
    cut_off: Intent | None,
    result: RunResult,
    tell: Tell | None = None,
) -> None:
    """Bring the clone up to the plan, and the record up to the clone. Fills in `result`.

    RefusedError without room, DrdwrapError on a full state directory, both before anything is
    copied. A signal ends the copy cleanly, keeps what has arrived, and is raised at the end.
    """
    if record is not None and cut_off is None and not _anything_to_do(seen):
        run.log.item("Nothing to copy.")
        intents.remove(run.state.intent)  # of a run that was killed when only this was left to do
        return
    deletions_first = _room(run, seen)
    header = (record.header if record else first_header(run)).next()
    job, ledger = job_of(run, seen), Ledger()
    declaration = Declaration.make(run.state.intent, job, ledger, header, cut_off)
    try:
        remove_temporary(run.trees, run.pair.volumes)
        bound = deletions.bound(job)
        if deletions_first:
            deletions.make_room(job, ledger, bound)
        clear_the_way(job, ledger)
        transcript = copy(run, job, ledger, declaration, tell)
        if not transcript.cut_off:
            deletions.remove_erased(job, ledger, bound, transcript, run.log)
        tidy(job, ledger, Marker(header.record_id, header.generation))
        with syncing(run) as synced:
            arrived = look_at_arrivals(job, ledger, transcript)
            _make_durable(run, job, ledger, header, arrived, synced)
    except OSError as error:
        raise DrdwrapError(
            f"the run could not be completed: {in_words(run.trees.as_seen_by_all(error))}",
            "the next sync puts it right",
        ) from error
    summarize(ledger, arrived, transcript, result)
    if transcript.interrupted is not None:
        raise transcript.interrupted


def _anything_to_do(seen: Determined) -> bool:
    """Whether this run would change the clone or the record."""
    doing = (Outcome.COPY, Outcome.REPLACED, Outcome.IN_STEP, Outcome.FORGOTTEN)
    return bool(seen.plan.deletions) or any(v.outcome in doing for v in seen.verdicts.values())


def _room(run: Run, seen: Determined) -> bool:
    """Check space and inodes. Returns whether the deletions have to make room first."""
    rooms = space.tight_rooms(seen.plan.copies, seen.plan.deletions, run.trees, run.pair)
    for check in (space.on_clone(rooms), room_for_record(run, seen)):
        if not check.ok:
            raise RefusedError(check.found, f"{check.remedy}; nothing was copied")
    return not all(room.enough for room in rooms)


def room_for_record(run: Run, seen: Determined) -> Check:
    """Whether the state directory has room for the record that a sync would leave."""
    status = os.statvfs(run.state.directory)
    needed = len(seen.booted.storage) + len(seen.clone.storage) + (4 << 20)
    enough = status.f_bavail * status.f_frsize >= needed
    return Check(
        "there is room for the record",
        enough,
        f"state_dir has {'' if enough else 'no '}room for the record ({needed / 1e6:.1f} MB)",
        "make room in state_dir",
    )


def clear_the_way(job: Job, ledger: Ledger) -> None:
    """Remove what stands where something of another type is to go, as long as it is as planned."""
    plan = job.plan
    replaced = tuple(sorted(c.path for c in plan.clearings if c.path in plan.copies))
    guard.leave_out_changed(job, ledger, replaced)
    # A directory that is no longer as the scan saw it keeps everything below it.
    kept = [path for path in replaced if ledger.is_left_out(path)]
    clearings = [c for c in plan.clearings if not any(is_below(c.path, path) for path in kept)]
    done = removal.remove(clearings, job, still_erased=False)
    ledger.note_all(done.gone & plan.copies.keys(), PathState.CLEARED)
    ledger.note_all(done.gone - plan.copies.keys(), PathState.REMOVED)
    for path, why in done.left.items():
        ledger.note(path, PathState.CHANGED, why)
    for path, why in done.failed.items():
        ledger.note(path, PathState.FAILED, why)
    guard.leave_out_sets(job, ledger, (*done.left, *done.failed))


def copy(
    run: Run, job: Job, ledger: Ledger, declaration: Declaration, tell: Tell | None
) -> Transcript:
    """Copy what is planned, one transfer after the other, and the root directory at the end.

    A signal ends it cleanly and is noted, not raised.
    """
    transcript = Transcript()
    transfers = job.plan.transfers
    if transfers:
        run.log.item(f"Copying {len(job.copies)} files.")
        rules, options = write_rules(run), run.config.rsync.options
        rsync = Rsync(run.trees, run.state.rendered, rules, options)
        total = Total(tell, sum(len(one.paths) for one in transfers)) if tell else None
        _transfer_all(rsync, job, ledger, declaration, transcript, total)
    if transcript.cut_off or b"" not in job.copies:
        return transcript
    if guard.leave_out_changed(job, ledger, (b"",)):
        ledger.note(b"", PathState.HANDED_OVER)
        run_once(command.root_directory(), run.trees, transcript)
        note_made(job, ledger, (b"",))
    return transcript


def _transfer_all(
    rsync: Rsync,
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    transcript: Transcript,
    total: Total | None,
) -> None:
    try:
        for planned in job.plan.transfers:
            paths = guard.leave_out_changed(job, ledger, planned.paths)
            declaration.add_changed(job, paths)
            ledger.note_all(paths, PathState.HANDED_OVER)
            special_bits.set_first(job, ledger, paths)
            if not paths:
                continue
            transfer(rsync, replace(planned, paths=paths), transcript, total)
            with signals.deferred():
                note_made(job, ledger, paths)
                declaration.add_made(job, ledger, paths)
            if transcript.cut_off:
                break
    except Interrupted as interrupted:
        transcript.interrupt(interrupted)
    except OSError as error:
        transcript.cut_off = in_words(rsync.trees.as_seen_by_all(error))


def _make_durable(
    run: Run,
    job: Job,
    ledger: Ledger,
    header: Header,
    arrived: dict[bytes, Arrived],
    synced: Synced,
) -> None:
    seen = job.seen
    booted, clone = next_record(
        seen.comparison,
        seen.candidates,
        seen.verdicts,
        arrived,
        ledger.all(PathState.REMOVED).keys(),
        moved_along(job, ledger, arrived),
        seen.booted.is_unsettled,
        trusted_after_all(job, arrived),
    )
    lines = seen.booted.finder.replaced(booted), seen.clone.finder.replaced(clone)
    commit(run, header, *lines, synced)
