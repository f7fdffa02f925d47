"""What is copied, and in which order, where the clone may have no room for all of it."""

from collections.abc import Iterable, Mapping, Sequence

from drdwrap.changes.candidate import Candidate
from drdwrap.checks import Check
from drdwrap.paths.arithmetic import all_above
from drdwrap.plan import Transfer, groups_of, transfers_of
from drdwrap.sync import guard, removal, space
from drdwrap.sync.begin import Run
from drdwrap.sync.deletions import Bound
from drdwrap.sync.determine import Determined
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.what_fits import Amount, Fit, Shortage
from drdwrap.trim.kept_together import SetName


def transfers_with_room(run: Run, job: Job, ledger: Ledger, bound: Bound) -> Sequence[Transfer]:
    """What rsync is to copy: all that is planned, or what fits. What does not is noted in the
    ledger, and so is what is removed before the copy to make room."""
    if not space.is_tight(job.plan, job.trees, job.pair):
        return job.plan.transfers
    fit = _fit(run, job.seen)
    if fit.left_out and job.plan.deletions:
        _remove_before(run, job, ledger, bound)
        fit = _fit(run, job.seen)
    for path, why in space.reasons(fit.left_out, job.copies).items():
        ledger.note(path, PathState.FAILED, why)
    guard.leave_out_sets(job, ledger, fit.left_out)
    return [
        transfer
        for batch in fit.batches
        for transfer in transfers_of(
            {path: job.copies[path] for path in batch},
            job.copies,
            job.pair,
            job.seen.comparison.booted_links,
            job.kept_together,
        )
    ]


def left_out_for_room(run: Run, seen: Determined) -> Mapping[bytes, Shortage]:
    """What a sync would leave out, once it has removed what was erased."""
    if not space.is_tight(seen.plan, run.trees, run.pair):
        return {}
    return _fit_without(run, seen, seen.plan.deletions)[0].left_out


def room_on_clone(run: Run, seen: Determined) -> Check:
    """Whether there is room on the clone for everything that is to be copied."""
    left_out = left_out_for_room(run, seen)
    found = "enough free bytes and inodes"
    if left_out:
        shortage = next(iter(left_out.values()))
        lacks = space.lacking(shortage.volume, shortage.needs, shortage.free)
        found = f"{len(left_out):,} of {len(seen.plan.copies):,} paths are left out: {lacks}"
    remedy = "make room on the clone; 'drdwrap preview' names the paths"
    return Check("there is room on the clone", not left_out, found, remedy)


def _fit(run: Run, seen: Determined, freed: Mapping[bytes, Amount] | None = None) -> Fit:
    copies = seen.plan.copies
    copied = {path: copies[path] for one in seen.plan.transfers for path in one.paths}
    groups = groups_of(copied, seen.comparison.booted_links, run.kept_together)
    return space.choose(groups, copies, run.trees, run.pair, freed)


def _fit_without(
    run: Run, seen: Determined, deletions: Iterable[Candidate]
) -> tuple[Fit, set[SetName]]:
    """What fits once these are removed, and the sets that do not fit all the same: what belongs to
    one of them stays."""
    deletions, together = list(deletions), run.kept_together
    fit = _fit(run, seen, space.freed_by(deletions, run.trees, run.pair))
    stuck = {name for path in fit.left_out for name in together.sets_of(path)}
    left = [one for one in deletions if stuck.isdisjoint(together.sets_of(one.path))]
    if len(left) < len(deletions):
        fit = _fit(run, seen, space.freed_by(left, run.trees, run.pair))
    return fit, stuck


def _remove_before(run: Run, job: Job, ledger: Ledger, bound: Bound) -> None:
    """Remove before the copy what would be removed after it. What belongs together with something
    that is copied goes only if there is no room otherwise, and there is enough with it."""
    deletions = job.plan.deletions
    later = bound.keys() | all_above(bound)
    first = removal.remove_erased([c for c in deletions if c.path not in later], job)
    ledger.note_all(first.gone, PathState.REMOVED)
    if not _fit(run, job.seen).left_out:
        return
    rest = [candidate for candidate in deletions if candidate.path in later]
    _, stuck = _fit_without(run, job.seen, rest)
    stuck |= _sets_changed(job, ledger, bound)
    staying = {path for path, names in bound.items() if not stuck.isdisjoint(names)}
    staying |= all_above(staying)
    then = removal.remove_erased([c for c in rest if c.path not in staying], job)
    ledger.note_all(then.gone, PathState.REMOVED)


def _sets_changed(job: Job, ledger: Ledger, bound: Bound) -> set[SetName]:
    """The sets of which something has changed on the clone since the scan: they are left alone."""
    names = {name for names in bound.values() for name in names}
    guard.leave_out_changed(job, ledger, sorted({p for name in names for p in job.sets[name]}))
    return {n for n in names if any(ledger.state(path) is not None for path in job.sets[n])}
