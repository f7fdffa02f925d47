"""The copy itself, in the order that makes it survive anything:

the intent made durable, the copy, syncfs on every file system of the clone, the record made
durable. `docs/internals.md` draws it.
"""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from drdwrap.changes.decision_table import Outcome
from drdwrap.checks import Check
from drdwrap.errors import DrdwrapError, Interrupted, RefusedError, in_words, not_completed
from drdwrap.plan import Transfer
from drdwrap.record import intent as intents
from drdwrap.record.intent import Intent
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header, Record
from drdwrap.rsync.output import Progress, Total
from drdwrap.rsync.run import Rsync
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync import adjust, deletions, guard
from drdwrap.sync.begin import Run
from drdwrap.sync.commit import Synced, commit, syncing
from drdwrap.sync.declare import Declaration
from drdwrap.sync.determine import Determined
from drdwrap.sync.job import Job, job_of
from drdwrap.sync.last_look import Arrived, look_at_arrivals
from drdwrap.sync.ledger import Ledger
from drdwrap.sync.make_room import transfers_with_room
from drdwrap.sync.next_record import next_record
from drdwrap.sync.read_only_clone import read_only_clone
from drdwrap.sync.renewed_entries import moved_along, trusted_after_all
from drdwrap.sync.result import RunResult
from drdwrap.sync.rules_file import write_rules
from drdwrap.sync.summary import summarize
from drdwrap.sync.times_and_marker import tidy
from drdwrap.sync.transfer import different_transfers, link_all, run_transfer
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

    RefusedError without room in the state directory, before anything is copied. A signal ends the
    copy cleanly, keeps what has arrived, and is raised at the end.
    """
    if record is not None and cut_off is None and not _anything_to_do(seen):
        run.log.item("Nothing to copy.")
        intents.remove(run.state.intent)  # of a run that was killed when only this was left to do
        return
    room = room_for_record(run, seen)
    if not room.ok:
        raise RefusedError(room.found, f"{room.remedy}; nothing was copied")
    header = (record.header if record else first_header(run)).next()
    job, ledger = job_of(run, seen), Ledger()
    declaration = Declaration.make(run.state.intent, job, header, cut_off)
    try:
        job.staging.remove()
        bound = deletions.bound(job)
        transfers = transfers_with_room(run, job, ledger, bound)
        transcript = copy(run, job, ledger, declaration, transfers, tell)
        if not transcript.cut_off:
            deletions.remove(job, ledger, bound, run.log)
        tidy(job, ledger, Marker.of(header))
        with syncing(run) as synced:
            arrived = look_at_arrivals(job, ledger)
            _make_durable(run, job, ledger, header, arrived, synced)
    except (DrdwrapError, OSError) as error:
        if lost := read_only_clone(run, "the next sync puts it right"):
            raise lost from error
        if isinstance(error, DrdwrapError):
            raise
        raise not_completed(run.trees.as_seen_by_all(error)) from error
    summarize(job, ledger, arrived, transcript, result)
    if transcript.interrupted is not None:
        raise transcript.interrupted


def _anything_to_do(seen: Determined) -> bool:
    """Whether this run would change the clone or the record."""
    doing = (Outcome.COPY, Outcome.REPLACED, Outcome.IN_STEP, Outcome.FORGOTTEN)
    return bool(seen.plan.deletions) or any(v.outcome in doing for v in seen.verdicts.values())


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


def copy(
    run: Run,
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    transfers: Sequence[Transfer],
    tell: Tell | None,
) -> Transcript:
    """Do what is planned: copy, link, set attributes, compare. A signal ends it cleanly and is
    noted, not raised."""
    transcript = Transcript()
    if not job.copies:
        return transcript
    run.log.item(f"Copying {len(job.copies)} files.")
    options = run.config.rsync.options
    rsync = Rsync(run.trees, run.state.rendered, write_rules(run), options)
    total = Total(tell, sum(len(one.paths) for one in transfers)) if tell else None
    unproved: list[bytes] = []
    try:
        guard.leave_out_leased(job, ledger)
        _transfer_all(rsync, transfers, job, ledger, declaration, transcript, total)
        if not transcript.cut_off:
            unproved = adjust.adjust_all(job, ledger)
            different = adjust.compare_contents(job, ledger, unproved)
            again = different_transfers(job, different)
            _transfer_all(rsync, again, job, ledger, declaration, transcript, None)
            if not transcript.cut_off:
                link_all(job, ledger, declaration)
    except Interrupted as interrupted:
        transcript.interrupt(interrupted)
    except OSError as error:
        transcript.cut_off = in_words(run.trees.as_seen_by_all(error))
    adjust.note_unproved(job, ledger, unproved)
    return transcript


def _transfer_all(
    rsync: Rsync,
    transfers: Iterable[Transfer],
    job: Job,
    ledger: Ledger,
    declaration: Declaration,
    transcript: Transcript,
    total: Total | None,
) -> None:
    for planned in transfers:
        paths = guard.leave_out_changed(job, ledger, planned.paths)
        paths = guard.leave_out_unreadable(job, ledger, paths)
        if paths and not transcript.cut_off:
            wanted = replace(planned, paths=paths)
            run_transfer(rsync, wanted, job, ledger, declaration, transcript, total)


def _make_durable(
    run: Run, job: Job, ledger: Ledger, header: Header, arrived: Arrived, synced: Synced
) -> None:
    seen = job.seen
    booted, clone = next_record(
        seen.comparison,
        seen.candidates,
        seen.verdicts,
        {**ledger.copies, **arrived.put},
        ledger.removed(),
        moved_along(job, ledger, arrived.put),
        seen.booted.is_unsettled,
        trusted_after_all(job, arrived.put),
    )
    lines = seen.booted.finder.replaced(booted), seen.clone.finder.replaced(clone)
    commit(run, header, *lines, synced)
