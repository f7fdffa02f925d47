"""The copy itself, in the order that makes it survive anything:

the intent made durable, the copy, syncfs on every file system of the clone, the record made
durable.
"""

import os
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from drdwrap import arrival, linux, removal, space
from drdwrap.arrival import Arrival, Arrived
from drdwrap.errors import DrdwrapError, RefusedError
from drdwrap.escape import for_screen
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, look_at, nanoseconds
from drdwrap.opening import Run, first_header
from drdwrap.outcome import Outcome as RunOutcome
from drdwrap.plan import Transfer
from drdwrap.record import durable, marker, store
from drdwrap.record import intent as intents
from drdwrap.record.intent import Intent, Put
from drdwrap.record.store import Header, Record
from drdwrap.record.update import update
from drdwrap.rsync import command
from drdwrap.rsync.output import Progress, paths_named
from drdwrap.rsync.run import Copied, remove_temporary, run_one, transfer_all
from drdwrap.rules_file import write_rules
from drdwrap.survey import Survey
from drdwrap.trim.table import Outcome
from drdwrap.volumes.pair import absolute, ancestors, parent

_TICK = 0.02
"""Seconds. Two changes within one tick of the kernel's clock may have the same change time."""


@dataclass
class _Work:
    """A copy under way. `booted` and `clone` are the scans' entries of all that the copy touches
    besides what is copied: directories, and other names of linked files."""

    run: Run
    seen: Survey
    outcome: RunOutcome
    booted: dict[bytes, Entry] = field(default_factory=dict)
    clone: dict[bytes, Entry] = field(default_factory=dict)
    copied: Copied = field(default_factory=Copied)
    swapped: frozenset[bytes] = frozenset()
    gone: set[bytes] = field(default_factory=set)
    stale: dict[bytes, str] = field(default_factory=dict)


def copy_over(
    run: Run,
    seen: Survey,
    record: Record | None,
    cut_off: Intent | None,
    outcome: RunOutcome,
    tell: Callable[[Progress], None] | None = None,
) -> None:
    """Bring the clone up to the plan, and the record up to the clone. Fills in `outcome`.

    RefusedError without room, DrdwrapError on a full state directory, both before anything is
    copied. A signal ends the copy cleanly, keeps what has arrived, and is raised at the end.
    """
    if record is not None and cut_off is None and not _anything_to_do(seen):
        run.log.item("Nothing to copy.")
        return
    work = _Work(run, seen, outcome)
    deletions_first = _room(work)
    header = (record.header if record else first_header(run.pair)).next()
    _declare(work, header, cut_off)
    try:
        remove_temporary(run.trees, run.pair.volumes)
        _look_around(work)
        if deletions_first:
            _delete(work)
        _copy(work, tell)
        if not deletions_first and not work.copied.cut_off:
            _delete(work)
        arrived = _settle(work, header)
        _make_durable(work, header, arrived)
    except OSError as error:
        raise DrdwrapError(
            f"the run could not be completed: {error}", "the next sync puts it right"
        ) from error
    _describe(work, arrived)
    if work.copied.interrupted is not None:
        raise work.copied.interrupted


def _anything_to_do(seen: Survey) -> bool:
    """Whether the clone or the record would be another one after this run."""
    doing = (Outcome.COPY, Outcome.REPLACED, Outcome.IN_STEP, Outcome.FORGOTTEN)
    return bool(seen.plan.deletions) or any(v.outcome in doing for v in seen.verdicts.values())


def _room(work: _Work) -> bool:
    """Check space and inodes. Returns whether the deletions have to make room first."""
    run, plan = work.run, work.seen.plan
    rooms = space.rooms(plan.copies, plan.deletions, run.trees, run.pair)
    for room in rooms:
        if not room.enough_after_deletions:
            raise RefusedError(space.complaint(room), "make room on the clone; nothing was copied")
    status = os.statvfs(run.state.directory)
    needed = len(work.seen.booted.storage) + len(work.seen.clone.storage) + (4 << 20)
    if status.f_bavail * status.f_frsize < needed:
        raise RefusedError(
            f"state_dir has no room for the record ({needed / 1e6:.1f} MB are needed)",
            "make room there; nothing was copied",
        )
    return not all(room.enough for room in rooms)


def _declare(work: _Work, header: Header, cut_off: Intent | None) -> None:
    """Make the intent durable, and with it what an earlier run was cut off at."""
    root = work.run.trees.booted.root
    puts = {
        path: Put(candidate.booted, _link_target(root, candidate.booted))
        for path, candidate in work.seen.plan.copies.items()
        if candidate.booted is not None
    }
    for put in cut_off.puts if cut_off else ():
        puts.setdefault(put.entry.path, put)
    intent = Intent(header.pair, header.generation, "sync", intents.boot_id(), tuple(puts.values()))
    try:
        intents.write(work.run.state.intent, intent)
    except OSError as error:
        raise DrdwrapError(
            f"the intent could not be written to state_dir: {error}", "nothing was copied"
        ) from error


def _link_target(root: bytes, entry: Entry) -> bytes:
    if entry.type != b"l":
        return b""
    try:
        return os.readlink(absolute(root, entry.path))
    except OSError:  # it has changed meanwhile: the next run takes it
        return b""


def _look_around(work: _Work) -> None:
    """Fetch what the scans saw of all that moves along with the copy."""
    seen, plan = work.seen, work.seen.plan
    touched = [*plan.copies, *(c.path for c in (*plan.clearings, *plan.deletions))]
    around = {directory for path in touched for directory in ancestors(path)}
    around |= {b"", *work.run.pair.volumes}
    if seen.comparison.clone_links is not None:
        around |= seen.comparison.clone_links.names_of_all(touched)
    for entries, inventory in ((work.booted, seen.booted), (work.clone, seen.clone)):
        lines = storage.select(inventory.storage, around)
        entries.update((path, Entry.parse(line)) for path, line in lines.items())


def _copy(work: _Work, tell: Callable[[Progress], None] | None) -> None:
    run, plan = work.run, work.seen.plan
    _find_stale(work)
    cleared = removal.remove(
        [c for c in plan.clearings if c.path not in work.stale], run.trees, still_erased=False
    )
    work.gone |= cleared.gone - plan.copies.keys()
    work.stale.update(cleared.left)
    transfers = [_without(transfer, work.stale) for transfer in plan.transfers]
    transfers = [transfer for transfer in transfers if transfer.paths]
    if transfers:
        run.log.item(f"Copying {len(plan.copies)} files.")
        work.copied = transfer_all(
            transfers,
            run.trees,
            run.state.rendered,
            write_rules(run),
            run.config.rsync.options,
            tell,
        )
    if b"" in plan.copies and b"" not in work.stale and not work.copied.cut_off:
        run_one(command.root_directory(), run.trees, work.copied)
    paths = [path for transfer in transfers for path in transfer.paths]
    work.swapped = arrival.swapped_directories(work.booted, run.trees, paths)


def _find_stale(work: _Work) -> None:
    """What has changed on the clone since the scan stays: another look, just before the copy."""
    trees = work.run.trees
    for path, candidate in work.seen.plan.copies.items():
        now, planned = look_at(trees.clone.root, path), candidate.clone
        same = now == planned or (
            now is not None
            and planned is not None
            and now.is_directory
            and now.visible == planned.visible
        )
        if not same and path:
            work.stale[path] = "changed on the clone meanwhile"
    below = {directory for path in work.seen.plan.copies for directory in ancestors(path)}
    for directory in below:
        before, now = work.clone.get(directory), look_at(trees.clone.root, directory)
        if before is not None and before.is_directory and not (now and now.is_directory):
            for path in work.seen.plan.copies:
                if path.startswith(directory + b"/"):
                    work.stale[path] = "its directory changed on the clone meanwhile"


def _without(transfer: Transfer, stale: dict[bytes, str]) -> Transfer:
    if not stale:
        return transfer
    return replace(transfer, paths=tuple(path for path in transfer.paths if path not in stale))


def _delete(work: _Work) -> None:
    plan = work.seen.plan
    if not plan.deletions:
        return
    work.run.log.item(f"Removing {len(plan.deletions)} files erased on the booted system.")
    removed = removal.remove(plan.deletions, work.run.trees, still_erased=True)
    work.gone |= removed.gone
    work.outcome.counts["deleted"] = len(removed.gone)
    for path, why in removed.left.items():
        work.outcome.notes.append(f"/{for_screen(path)} is not removed: {why}")
    for path, why in removed.failed.items():
        work.outcome.warnings.append(f"/{for_screen(path)} could not be removed: {why}")


def _settle(work: _Work, header: Header) -> dict[bytes, Arrived]:
    """Leave the clone as it is to be, mark it, and look at what has arrived."""
    run, copies = work.run, work.seen.plan.copies
    remove_temporary(run.trees, run.pair.volumes)
    for path, candidate in copies.items():
        if work.swapped and not work.swapped.isdisjoint(ancestors(path)):
            now = look_at(run.trees.clone.root, path)
            if now is not None and now != candidate.clone and not now.is_directory:
                os.unlink(absolute(run.trees.clone.root, path))
    moved = {parent(path) for path in (*copies, *work.gone) if path} | {b"", *run.pair.volumes}
    for directory in sorted(moved):
        _give_time(work, directory)
    marker.write(run.trees.clone.root, marker.Marker(header.pair, header.generation))
    time.sleep(_TICK)
    return arrival.inspect(
        {path: candidate for path, candidate in copies.items() if path not in work.stale},
        run.trees,
        work.copied.failed,
        bool(work.copied.cut_off),
        work.swapped,
    )


def _give_time(work: _Work, directory: bytes) -> None:
    """A directory's time follows what was copied into it, where the directory is in step."""
    if not _in_step(work, directory):
        return
    booted = work.booted.get(directory)
    root = work.run.trees.clone.root
    if booted is None or (now := look_at(root, directory)) is None or not now.is_directory:
        return
    path, time_ns = absolute(root, directory), nanoseconds(booted.mtime)
    if nanoseconds(now.mtime) != time_ns:
        os.utime(path, ns=(os.lstat(path).st_atime_ns, time_ns), follow_symlinks=False)


def _in_step(work: _Work, path: bytes) -> bool:
    """Whether the record goes on saying that both sides have this path alike."""
    if path in work.seen.comparison.own or path in work.gone:
        return False
    verdict = work.seen.verdicts.get(path)
    return verdict is None or verdict.outcome in (Outcome.IN_STEP, Outcome.COPY)


def _refreshed(work: _Work, arrived: Iterable[bytes]) -> dict[bytes, Entry]:
    """What now is in step but has another change time on the clone, by the copy's own doing."""
    known = set(arrived)
    result = {}
    for path, before in work.clone.items():
        if path not in known and _in_step(work, path):
            now = look_at(work.run.trees.clone.root, path)
            if now is not None and now.visible == before.visible and now.inode == before.inode:
                result[path] = now
    return result


def _make_durable(work: _Work, header: Header, arrived: dict[bytes, Arrived]) -> None:
    run, seen = work.run, work.seen
    changes = update(
        seen.comparison,
        seen.verdicts,
        arrived,
        work.gone,
        _refreshed(work, arrived),
        seen.booted.is_unsettled,
    )
    for volume in run.pair.volumes:
        linux.syncfs(absolute(run.trees.clone.root, volume))
    store.write(
        run.state.record,
        header,
        storage.replaced(seen.booted.storage, changes.booted),
        storage.replaced(seen.clone.storage, changes.clone),
    )
    durable.remove(run.state.intent)


def _describe(work: _Work, arrived: dict[bytes, Arrived]) -> None:
    """Say what has become of everything that was to be copied."""
    outcome, copied = work.outcome, work.copied
    kinds = [found.arrival for found in arrived.values()]
    outcome.counts["copied"] = kinds.count(Arrival.COPIED)
    for path, found in arrived.items():
        name = "/" + for_screen(path)
        if found.arrival is Arrival.FAILED:
            outcome.warnings.append(f"{name} could not be copied: {found.message}")
        elif found.arrival is Arrival.SWAPPED:
            outcome.warnings.append(
                f"{name} was read through a directory that was swapped while it was copied;"
                " what came through is removed, and the next sync copies it"
            )
        elif found.arrival is Arrival.CHANGING:
            outcome.notes.append(f"{name} {found.arrival.value}: the next sync takes it")
    for path, why in work.stale.items():
        outcome.notes.append(f"/{for_screen(path)} is not copied: {why}")
    if copied.cut_off and copied.interrupted is None:
        missed = kinds.count(Arrival.NOT_REACHED)
        said = for_screen(copied.messages[-1]) if copied.messages else "no message"
        outcome.error = f"{copied.cut_off}; {missed} paths were not reached: {said}"
        return
    roots = (work.run.trees.clone.root, work.run.trees.booted.root)
    for line in copied.messages:
        if not any(path in arrived for path in paths_named(line, roots)):
            outcome.warnings.append(for_screen(line))
