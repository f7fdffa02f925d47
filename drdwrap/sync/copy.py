"""The copy itself, in the order that makes it survive anything:

the intent made durable, the copy, syncfs on every file system of the clone, the record made
durable.
"""

import os
from collections.abc import Callable
from dataclasses import replace

from drdwrap.changes.decision_table import Outcome
from drdwrap.checks import Check
from drdwrap.errors import DrdwrapError, RefusedError, in_words
from drdwrap.paths.arithmetic import is_below
from drdwrap.plan import Transfer
from drdwrap.record import intent as intents
from drdwrap.record.intent import Intent
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header, Record
from drdwrap.rsync import command
from drdwrap.rsync.output import Progress
from drdwrap.rsync.rules_file import write_rules
from drdwrap.rsync.run import remove_temporary, run_one, transfer_all
from drdwrap.sync import deletions, guard, removal, space, special_bits
from drdwrap.sync.arrival import Arrived
from drdwrap.sync.begin import Run, first_header
from drdwrap.sync.commit import Synced, commit, syncing
from drdwrap.sync.declaration import Declaration
from drdwrap.sync.determine import Survey
from drdwrap.sync.next_record import update
from drdwrap.sync.result import RunResult
from drdwrap.sync.settle import look_at_arrivals, refreshed, settle, settled
from drdwrap.sync.summary import describe
from drdwrap.sync.work import Work, look_around


def copy_over(
    run: Run,
    seen: Survey,
    record: Record | None,
    cut_off: Intent | None,
    outcome: RunResult,
    tell: Callable[[Progress], None] | None = None,
) -> None:
    """Bring the clone up to the plan, and the record up to the clone. Fills in `outcome`.

    RefusedError without room, DrdwrapError on a full state directory, both before anything is
    copied. A signal ends the copy cleanly, keeps what has arrived, and is raised at the end.
    """
    if record is not None and cut_off is None and not _anything_to_do(seen):
        run.log.item("Nothing to copy.")
        intents.remove(run.state.intent)  # of a run that was killed when all but this was done
        return
    work = Work(run, seen, outcome)
    deletions_first = _room(work)
    header = (record.header if record else first_header(run)).next()
    look_around(work)
    declaration = Declaration.make(work, header, cut_off)
    try:
        remove_temporary(run.trees, run.pair.volumes)
        bound = deletions.bound(work)
        if deletions_first:
            deletions.make_room(work, bound)
        _copy(work, declaration, tell)
        if not work.copied.cut_off:
            deletions.remove_erased(work, bound)
        settle(work, Marker(header.pair, header.generation))
        with syncing(run) as synced:
            arrived = look_at_arrivals(work)
            _make_durable(work, header, arrived, synced)
    except OSError as error:
        raise DrdwrapError(
            f"the run could not be completed: {in_words(run.trees.as_seen_by_all(error))}",
            "the next sync puts it right",
        ) from error
    describe(work, arrived)
    if work.copied.interrupted is not None:
        raise work.copied.interrupted


def _anything_to_do(seen: Survey) -> bool:
    """Whether the clone or the record would be another one after this run."""
    doing = (Outcome.COPY, Outcome.REPLACED, Outcome.IN_STEP, Outcome.FORGOTTEN)
    return bool(seen.plan.deletions) or any(v.outcome in doing for v in seen.verdicts.values())


def _room(work: Work) -> bool:
    """Check space and inodes. Returns whether the deletions have to make room first."""
    run, plan = work.run, work.seen.plan
    rooms = space.tight_rooms(plan.copies, plan.deletions, run.trees, run.pair)
    for check in (space.on_clone(rooms), room_for_record(run, work.seen)):
        if not check.ok:
            raise RefusedError(check.found, f"{check.remedy}; nothing was copied")
    return not all(room.enough for room in rooms)


def room_for_record(run: Run, seen: Survey) -> Check:
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


def _copy(work: Work, declaration: Declaration, tell: Callable[[Progress], None] | None) -> None:
    run, plan = work.run, work.seen.plan
    _clear_the_way(work)

    def still_right(transfer: Transfer) -> Transfer:
        paths = guard.leave_out_stale(work, transfer.paths)
        declaration.add_changed(work, paths)
        work.handed_over.update(paths)
        special_bits.set_first(work, paths)
        return replace(transfer, paths=paths)

    def ended(transfer: Transfer) -> None:
        work.note_made(transfer.paths)
        declaration.add_made(work, transfer.paths)

    if plan.transfers:
        run.log.item(f"Copying {len(plan.copies)} files.")
        directory, rules_file = run.state.rendered, write_rules(run)
        options = run.config.rsync.options
        work.copied = transfer_all(
            plan.transfers, still_right, ended, run.trees, directory, rules_file, options, tell
        )
    if work.copied.cut_off or b"" not in plan.copies:
        return
    if guard.leave_out_stale(work, (b"",)):
        work.handed_over.add(b"")
        run_one(command.root_directory(), run.trees, work.copied)
        work.note_made([b""])


def _clear_the_way(work: Work) -> None:
    """Remove what stands where something of another type is to go, as long as it is as planned."""
    plan = work.seen.plan
    replaced = tuple(sorted(c.path for c in plan.clearings if c.path in plan.copies))
    guard.leave_out_stale(work, replaced)
    # A directory that is no longer as the scan saw it keeps all that is below it.
    kept = [path for path in replaced if work.is_left_out(path)]
    clearings = [c for c in plan.clearings if not any(is_below(c.path, path) for path in kept)]
    done = removal.remove(clearings, work, still_erased=False)
    work.cleared |= done.gone & plan.copies.keys()
    work.gone |= done.gone - plan.copies.keys()
    work.stale.update(done.left)
    work.failed.update(done.failed)
    guard.leave_out_sets(work, (*done.left, *done.failed))


def _make_durable(
    work: Work, header: Header, arrived: dict[bytes, Arrived], synced: Synced
) -> None:
    run, seen = work.run, work.seen
    changes = update(
        seen.comparison,
        seen.verdicts,
        arrived,
        work.gone,
        refreshed(work, arrived),
        seen.booted.is_unsettled,
        settled(work, arrived),
    )
    commit(
        run,
        header,
        seen.booted.finder.replaced(changes.booted),
        seen.clone.finder.replaced(changes.clone),
        synced,
    )
