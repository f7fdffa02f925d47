"""Look at both sides and decide about every path: the part that preview, sync and explain share."""

import os
import time
from dataclasses import dataclass, replace
from functools import cached_property
from time import CLOCK_REALTIME, clock_gettime_ns

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import (
    Comparison,
    compare,
    erased_share,
    find_excluded,
    look_at_links,
    look_closer,
)
from drdwrap.changes.decision_table import Outcome
from drdwrap.errors import RefusedError
from drdwrap.inventory import accounts, storage
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.linux import clock, syscalls
from drdwrap.packages import sides
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.plan import Plan
from drdwrap.record.intent import Intent
from drdwrap.record.store import Record
from drdwrap.reports import REPORTS
from drdwrap.sync.begin import Run
from drdwrap.trim.criteria import trim
from drdwrap.trim.verdict import Trimming, Verdict


@dataclass
class Survey:
    """Everything that was seen and decided.

    `initial` counts the initial list, `recorded` the record's paths; `warnings` are for a screen.
    """

    booted: Inventory
    clone: Inventory
    comparison: Comparison
    verdicts: dict[bytes, Verdict]
    plan: Plan
    initial: int
    recorded: int
    warnings: list[str]
    deletions_suppressed: bool
    packages: PackageSides

    @cached_property
    def paths(self) -> dict[Outcome, list[bytes]]:
        """The paths of each outcome, as they are reported."""
        result: dict[Outcome, list[bytes]] = {}
        for path, verdict in self.verdicts.items():
            result.setdefault(verdict.outcome.reported, []).append(path)
        return result

    def counts(self) -> dict[str, int]:
        """The initial list's length, and how many paths stand in each report."""
        by_outcome = self.paths
        counts = {short: len(by_outcome.get(o, ())) for o, (short, _) in REPORTS.items()}
        out_of_step = sum(
            1
            for path, verdict in self.verdicts.items()
            if path and verdict.outcome in REPORTS and self._is_booted(path)
        )
        in_step = self.initial - out_of_step
        return {"initial": self.initial, "in_step": in_step, **counts}

    def _is_booted(self, path: bytes) -> bool:
        return self.comparison.candidates[path].booted is not None


def bring_to_disk(run: Run) -> int:
    """Bring all that was written on the booted system to its disks; when that began, in nanoseconds
    since 1970.

    A page that is written out then and stored into once more, before the scan, moves no time again:
    what has changed since that time is young.
    """
    begun = clock_gettime_ns(CLOCK_REALTIME)
    for volume in run.pair.volumes:
        syscalls.syncfs(absolute(run.trees.booted.root, volume))
    return begun


def survey(run: Run, record: Record | None, intent: Intent | None, *, newer: bool) -> Survey:
    """Read both trees, compare them with the record, trim, and plan.

    `newer` is DRD's rule for a clone without a record. RefusedError when the booted list is empty
    or lacks most of what the record holds, or the clone has neither a record nor anything on it.
    """
    begun = bring_to_disk(run)
    booted, clone = scan((run.trees.booted, run.trees.clone), run.excluded)
    booted = replace(booted, started=begun)
    scanned = time.monotonic()
    excluded = PatternList(run.excluded)
    if record is None:
        clock.wait(scanned)
    places = run.locations.patterns
    comparison = compare(booted, clone, record, intent, excluded, places, run.trees, run.pair)
    recorded = record.paths if record else 0
    initial = _number_of_paths(booted, comparison, recorded) - 1  # the root is not on the list
    _refuse_unmounted(initial, recorded, comparison)
    if record is None and intent is None and storage.count(clone.storage) <= 1:
        raise RefusedError(
            "there is nothing on the clone, and no record of it", "fill it with 'drdwrap clone'"
        )
    find_excluded(comparison, excluded, run.trees)
    inside = [path for path in comparison.candidates if not run.locations.cover(path)]
    look_at_links(comparison, comparison.candidates.keys() - inside)
    if comparison.candidates:
        clock.wait(scanned)
    look_closer(comparison, inside, run.trees)
    warnings = _unreadable("booted system", booted) + _unreadable("clone", clone)
    warnings += [
        f"non_synced_locations.remove names {for_screen(os.fsencode(place))}, which is not one of"
        " the locations"
        for place in run.locations.not_found
    ]
    propagate = run.config.deletions == "propagate"
    trimming = _trimmed(run, comparison, newer=newer, deletions=propagate)
    suppressed = False
    erased = sum(1 for verdict in trimming.verdicts.values() if verdict.outcome is Outcome.ERASED)
    limit = run.config.deletion_limit(recorded)
    if trimming.deletions and erased > limit:
        suppressed = True
        warnings.append(
            f"{erased} paths were erased on the booted system, more than max_deletions"
            f" ({run.config.max_deletions}: {limit}): none of them is removed from the clone;"
            " look at the report erased_on_booted_system, and raise the limit for one run with"
            f" -x max_deletions={erased}"
        )
        trimming = _trimmed(run, comparison, newer=newer, deletions=False)
    _add_linked_names(comparison, trimming.verdicts, booted, clone)
    made = plan.make(
        comparison.candidates,
        trimming.verdicts,
        run.pair,
        trimming.deletions,
        (comparison.booted_links, comparison.clone_links),
        run.kept_together,
    )
    return Survey(
        booted,
        clone,
        comparison,
        trimming.verdicts,
        made,
        initial,
        recorded,
        warnings,
        suppressed,
        trimming.packages,
    )


def _number_of_paths(booted: Inventory, comparison: Comparison, recorded: int) -> int:
    if not recorded:
        return storage.count(booted.storage)
    return recorded + len(comparison.booted.now) - len(comparison.booted.then)


def _trimmed(run: Run, comparison: Comparison, *, newer: bool, deletions: bool) -> Trimming:
    trimming = Trimming(
        comparison.candidates,
        {},
        comparison.own,
        run.locations,
        run.kept_together,
        deletions,
        accounts.read(run.trees.booted.root),
        accounts.read(run.trees.clone.root),
    )
    trim(trimming, lambda paths: _packages(run, paths), newer=newer)
    return trimming


def _packages(run: Run, paths: frozenset[bytes]) -> PackageSides:
    roots = (run.trees.booted.root, run.trees.clone.root)
    return sides.read(run.managers, roots, paths, run.state.packages)


def _refuse_unmounted(initial: int, recorded: int, comparison: Comparison) -> None:
    if initial <= 0:
        raise RefusedError("the booted tree is empty", "mount it, or correct booted.root")
    share = erased_share(comparison, recorded)
    if share > 0.5:
        raise RefusedError(
            f"the booted tree lacks {share:.0%} of what the record holds",
            "mount what belongs to it; if that much was really erased, make the clone anew with"
            " 'drdwrap clone --overwrite'",
        )


def _unreadable(name: str, inventory: Inventory) -> list[str]:
    return [
        f"/{for_screen(path)} on the {name} could not be read: nothing below it was compared"
        for path in inventory.unreadable
    ]


def _add_linked_names(
    comparison: Comparison, verdicts: dict[bytes, Verdict], booted: Inventory, clone: Inventory
) -> None:
    """Where one name of a hard-linked file is copied, copy all its names that are in step.

    rsync links only what is in its list: alone, the one would become a file of its own.
    """
    if comparison.booted_links is None:
        return
    copied = {path for path, verdict in verdicts.items() if verdict.outcome is Outcome.COPY}
    missing = {}
    for path in copied:
        for name in comparison.booted_links.names(path):
            verdict = verdicts.get(name)
            if verdict is None and name not in comparison.unknown:
                missing[name] = path
            elif verdict is not None and verdict.outcome is Outcome.IN_STEP:
                verdicts[name] = _linked_verdict(path)
    here = booted.finder.select(missing.keys())
    there = clone.finder.select(missing.keys())
    for name, path in missing.items():
        if name in here and name in there:
            mine, other = Entry.parse(here[name]), Entry.parse(there[name])
            comparison.candidates[name] = Candidate(name, mine, mine, other, other)
            verdicts[name] = _linked_verdict(path)


def _linked_verdict(path: bytes) -> Verdict:
    return Verdict(Outcome.COPY, f"another name of /{for_screen(path)}, which is copied")
