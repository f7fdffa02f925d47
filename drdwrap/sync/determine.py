"""Look at both sides and decide about every path: the part that preview, sync and explain share."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from time import CLOCK_REALTIME, clock_gettime_ns

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.closer_look import look_closer
from drdwrap.changes.compare import Comparison, compare
from drdwrap.changes.decision_table import Outcome
from drdwrap.errors import RefusedError, in_words, remedy_for
from drdwrap.inventory import accounts, encrypted, storage
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.linux import clock, run_note, syscalls
from drdwrap.packages import sides
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.plan import Plan
from drdwrap.record.intent import Intent
from drdwrap.record.store import Record
from drdwrap.reports import REPORTS
from drdwrap.sync import encryption
from drdwrap.sync.begin import Run
from drdwrap.sync.empty_volumes import refuse_emptied
from drdwrap.sync.encryption import Directories
from drdwrap.trim import databases, decide
from drdwrap.trim.databases import HeldDatabase
from drdwrap.trim.linked_names import join_linked_names
from drdwrap.trim.trimming import Trimming, Verdict

_NOTHING = "nothing below it was compared"
_SHOWN = 200
"""How many bytes of a path that goes on for thousands are shown."""


@dataclass(frozen=True)
class Determined:
    """Everything that was seen and decided.

    `candidates` and `verdicts` have the same paths. `initial` counts the initial list, `recorded`
    the record's paths; `warnings` are for a screen. `databases` are those that stay behind because
    the two sides have other versions of their servers.
    """

    booted: Inventory
    clone: Inventory
    comparison: Comparison
    candidates: Mapping[bytes, Candidate]
    verdicts: Mapping[bytes, Verdict]
    plan: Plan
    initial: int
    recorded: int
    warnings: tuple[str, ...]
    packages: PackageSides
    databases: tuple[HeldDatabase, ...] = ()

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
            if path and verdict.outcome in REPORTS and self.candidates[path].booted is not None
        )
        in_step = self.initial - out_of_step
        return {"initial": self.initial, "in_step": in_step, **counts}


def determine(
    run: Run, record: Record | None, intent: Intent | None, *, newer: bool = False
) -> Determined:
    """Read both trees, compare them with the record, trim, and plan.

    `newer` is DRD's rule for a clone without a record. RefusedError when a booted volume is
    empty, or the clone has neither a record nor anything on it.
    """
    begun = bring_to_disk(run)
    booted, clone, sealed, left_out = _read_both(run)
    booted = replace(booted, started=begun)
    refuse_emptied(run, record)
    scanned = time.monotonic()
    if record is None:
        clock.wait(scanned)
    run_note.note("comparing the two sides")
    excluded, locations = PatternList(run.excluded), run.locations.patterns
    comparison = compare(booted, clone, record, intent, excluded, locations, run.trees, run.pair)
    comparison, files = _without_encrypted_files(run, comparison, sealed)
    recorded = record.paths if record else 0
    initial = _number_of_paths(booted, comparison, recorded) - 1  # the root is not on the list
    if record is None and intent is None and storage.count(clone.storage) <= 1:
        raise RefusedError(
            "there is nothing on the clone, and no record of it", "fill it with 'drdwrap clone'"
        )
    if comparison.candidates:
        clock.wait(scanned)
    comparison = look_closer(comparison, excluded, locations, run.trees)
    reversals = record.header.reversals if record else 0
    trimming, suppressed = _trimmed(run, comparison, recorded, newer=newer, reversals=reversals)
    finders = booted.finder, clone.finder
    candidates, verdicts = join_linked_names(
        comparison.candidates,
        trimming.verdicts,
        comparison.booted_links,
        comparison.unknown,
        finders,
    )
    links = comparison.booted_links, comparison.clone_links
    planned = plan.make(
        candidates, verdicts, run.pair, trimming.deletions, links, run.kept_together
    )
    behind = databases.held(candidates, verdicts, trimming.packages) if reversals else []
    warnings = (
        *_unreadable("booted system", booted),
        *_unreadable("clone", clone),
        *_too_deep("booted system", booted, run.trees.booted.longest),
        *_too_deep("clone", clone, run.trees.clone.longest),
        *left_out,
        *files,
        *_unknown_locations(run),
        *_unread_accounts(trimming),
        *suppressed,
        *(database.sentence for database in behind),
    )
    return Determined(
        booted,
        clone,
        comparison,
        candidates,
        verdicts,
        planned,
        initial,
        recorded,
        warnings,
        trimming.packages,
        tuple(behind),
    )


def _read_both(run: Run) -> tuple[Inventory, Inventory, Directories, list[str]]:
    """Scan both sides, at the same time, and leave out what is below encrypted directories: these,
    and texts that name those that are left out."""
    had_keys = encryption.with_keys(run)
    booted, clone = scan((run.trees.booted, run.trees.clone), run.excluded)
    found = encryption.directories_on_booted(run, booted)
    here = encryption.sealed_on_booted(run, found, had_keys)
    there = encryption.sealed_on_clone(run, clone)
    return (
        encrypted.without(booted, here.keys()),
        encrypted.without(clone, there.keys()),
        found,
        [*here.values(), *there.values()],
    )


def _without_encrypted_files(
    run: Run, comparison: Comparison, found: Directories
) -> tuple[Comparison, list[str]]:
    """The comparison without encrypted files outside the directories `found`, and texts that name
    them."""
    files = (
        path
        for path, one in comparison.candidates.items()
        if one.booted is not None and not one.booted.is_directory and not run.locations.cover(path)
    )
    out = encryption.single_files(run, files, found)
    left = {path: one for path, one in comparison.candidates.items() if path not in out}
    unknown = comparison.unknown.union(out)
    return replace(comparison, candidates=left, unknown=unknown), list(out.values())


def bring_to_disk(run: Run) -> int:
    """Bring all that was written on the booted system to its disks. Returns when that began, in
    nanoseconds since 1970. RefusedError if a disk does not take it.

    A page that is written out then and stored into once more, before the scan, moves no time again:
    what has changed since that time is young.
    """
    run_note.note("bringing the booted system to its disks")
    begun = clock_gettime_ns(CLOCK_REALTIME)
    for volume in run.pair.volumes:
        try:
            syscalls.syncfs(absolute(run.trees.booted.root, volume))
        except OSError as error:
            raise RefusedError(
                "what was written on the booted system has not reached its disk:"
                f" {in_words(run.trees.as_seen_by_all(error))}",
                f"{remedy_for(error) or 'see dmesg'}; the clone is as the last sync left it",
            ) from error
    return begun


def _number_of_paths(booted: Inventory, comparison: Comparison, recorded: int) -> int:
    if not recorded:
        return storage.count(booted.storage)
    return recorded + len(comparison.booted.now) - len(comparison.booted.then)


def _trimmed(
    run: Run, comparison: Comparison, recorded: int, *, newer: bool, reversals: int
) -> tuple[Trimming, list[str]]:
    """The verdicts, and a warning where more was erased than one run may delete: then nothing is
    deleted, and the verdicts are reached again without deletions."""
    propagate = run.config.deletions == "propagate"
    after = reversals > 0
    trimming = _trim(run, comparison, newer=newer, deletions=propagate, after_reversal=after)
    erased, limit = trimming.erased(), run.config.deletion_limit(recorded)
    if not propagate or erased <= limit:
        return trimming, []
    return _trim(run, comparison, newer=newer, deletions=False, after_reversal=after), [
        f"{erased} paths were erased on the booted system, more than max_deletions"
        f" ({run.config.max_deletions}: {limit}): none of them is removed from the clone;"
        " look at the report erased_on_booted_system, and raise the limit for one run with"
        f" -x max_deletions={erased}"
    ]


def _trim(
    run: Run, comparison: Comparison, *, newer: bool, deletions: bool, after_reversal: bool
) -> Trimming:
    roots = (run.trees.booted.root, run.trees.clone.root)
    trimming = Trimming(
        comparison.candidates,
        comparison.own,
        run.locations,
        run.kept_together,
        deletions,
        accounts.read(roots[0]),
        accounts.read(roots[1]),
        after_reversal=after_reversal,
    )
    decide.trim_by_record(trimming, newer=newer)
    asked = decide.at_stake(trimming)
    links = decide.links_among(trimming, asked)
    packages = (
        sides.read(run.managers, roots, asked, links, run.state.packages)
        if asked
        else PackageSides()
    )
    decide.trim_by_packages(trimming, packages)
    return trimming


def _unread_accounts(trimming: Trimming) -> list[str]:
    sides = {"booted system": trimming.booted_accounts, "clone": trimming.clone_accounts}
    return [
        f"an account file of the {side} cannot be read, so its owners are not compared ({why})"
        for side, found in sides.items()
        for why in found.unread
    ]


def _unreadable(name: str, inventory: Inventory) -> list[str]:
    if b"" in inventory.unreadable:
        return [
            f"not all of the {name} could be read, since directories were moved meanwhile: nothing"
            " was compared"
        ]
    return [
        f"/{for_screen(path)} on the {name} could not be read: {_NOTHING}"
        for path in sorted(set(inventory.unreadable))
    ]


def _too_deep(name: str, inventory: Inventory, longest: int) -> list[str]:
    if not inventory.too_deep:
        return []
    first, *others = sorted(inventory.too_deep)
    more = f" (and {len(others):,} other directories)" if others else ""
    return [
        f"/{for_screen(first[:_SHOWN])}...{more} on the {name} holds paths of more than"
        f" {longest:,} bytes, which are too long to be copied: {_NOTHING}; shorten or exclude them"
    ]


def _unknown_locations(run: Run) -> list[str]:
    return [
        f"non_synced_locations.remove names {for_screen(place)}, which is not one of the locations"
        for place in run.locations.not_found
    ]
