"""`explain`: what drdwrap would do with one path, and why."""

import os
from dataclasses import dataclass
from typing import Any

from drdwrap.actions.accounts_apart import how_to_settle
from drdwrap.actions.named_path import named
from drdwrap.changes.candidate import change
from drdwrap.changes.decision_table import Outcome
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.inventory import accounts
from drdwrap.inventory.entry import Entry, entry_at, nanoseconds
from drdwrap.linux import clock
from drdwrap.log import Log
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import Run, opened
from drdwrap.sync.determine import Determined, determine
from drdwrap.sync.trust import trusted_record
from drdwrap.trim.kept_together import ACCOUNTS

_WAYS = {
    Outcome.COPY: "change it on the clone, or name it in exclude_list, to keep the clone's",
    Outcome.LOCATION: "non_synced_locations.remove takes a location off the list",
    Outcome.TARGET_CHANGED: "compare the two with diff; to take the booted one, erase the clone's"
    " copy or run 'drdwrap accept' on it, and sync",
    Outcome.NONVOLATILE: "it comes to the clone with its package: bring both sides to the same"
    " packages and versions, or copy it there by hand",
    Outcome.VOLATILE: "bring the package to the same version on both sides, and sync; or merge the"
    " two by hand on the clone: a sync then leaves the result alone",
    Outcome.OWNER: "give the user or group the same number on both sides",
    Outcome.CLONE_ONLY: "erase the clone's copy to have the booted one; 'drdwrap accept' lets it"
    " follow the booted system from its next change there",
    Outcome.ERASED: "put it back on the booted system, or change it on the clone, to keep it",
    Outcome.OWN: "nothing to do: if the booted system gets such a file, a sync leaves the clone's"
    " alone",
    Outcome.IN_STEP: "a change on the booted system would be copied",
}


@dataclass(frozen=True)
class Explanation:
    """One path's fate. The three sides are in ls's manner, or say that there is nothing."""

    path: str
    booted: str
    clone: str
    record: str
    outcome: str
    reason: str
    would_change: str

    def as_json(self) -> dict[str, Any]:
        return self.__dict__.copy()


def explain(config: Config, state: StateDirectory, log: Log, path: bytes) -> Explanation:
    """Look at both sides and say what became of `path`. The lock is held. Errors: DrdwrapError."""
    with opened(config, state, log) as run:
        record, intent = trusted_record(run)
        seen = determine(run, record, intent)
        return _explained(run, seen, named(path, run, seen))


def _explained(run: Run, seen: Determined, path: bytes) -> Explanation:
    booted, clone = entry_at(run.trees.booted.root, path), entry_at(run.trees.clone.root, path)
    outcome, reason, recorded = _fate(run, seen, path, booted, clone)
    return Explanation(
        "/" + for_screen(path),
        _shown(booted),
        _shown(clone),
        recorded,
        outcome.reported.value if outcome else "not on the initial list",
        reason,
        _way(run, seen, outcome, path),
    )


def _way(run: Run, seen: Determined, outcome: Outcome | None, path: bytes) -> str:
    if not _is_known(seen, path):
        return "see the warnings of a run: they name what could not be read, and what is encrypted"
    if outcome is None:
        own = PatternList.of(run.config.exclude_list).cover(path)
        return "take it off exclude_list" if own else "nothing: each side has its own"
    if outcome in (Outcome.TARGET_CHANGED, Outcome.NONVOLATILE) and path in ACCOUNTS:
        roots = (run.trees.booted.root, run.trees.clone.root)
        return how_to_settle(*(accounts.read(root) for root in roots))
    return _WAYS.get(outcome.reported, "")


def _is_known(seen: Determined, path: bytes) -> bool:
    sides = (seen.booted, seen.clone)
    return all(path in side.foreign or side.knows(path) for side in sides)


def _fate(
    run: Run, seen: Determined, path: bytes, booted: Entry | None, clone: Entry | None
) -> tuple[Outcome | None, str, str]:
    pattern = PatternList(run.excluded).covering(path)
    if pattern is not None:
        return None, f"excluded by {for_screen(pattern.text)}", "not looked at"
    verdict = seen.verdicts.get(path)
    if verdict is not None:
        candidate = seen.candidates[path]
        sides = (
            f"booted {change(candidate.booted, candidate.booted_then).value}",
            f"clone {change(candidate.clone, candidate.clone_then).value}",
        )
        found = f"; a look found different: {candidate.hidden}" if candidate.hidden else ""
        then = candidate.booted_then
        put = f", put as {_shown(then)}" if then else ", which has no such path"
        return (
            verdict.outcome,
            verdict.reason,
            f"against the record{put}: {', '.join(sides)}{found}",
        )
    if not _is_known(seen, path):
        why = "its directory could not be read on both sides, or is encrypted"
        return None, why, "not looked at"
    if path in seen.comparison.own:
        return (
            Outcome.OWN,
            "only the clone has it, and drdwrap did not put it there",
            "no such path",
        )
    if booted is None and clone is None:
        raise DrdwrapError(f"/{for_screen(path)} is on neither side, nor in the record")
    return Outcome.IN_STEP, "both sides are as the record has them", "as both sides are now"


def _shown(entry: Entry | None) -> str:
    if entry is None:
        return "not there"
    kinds = {b"f": "file", b"d": "directory", b"l": "link", b"?": "something never put"}
    kind = kinds.get(entry.type, "special file")
    when = nanoseconds(entry.mtime)
    seconds, rest = divmod(when, 1_000_000_000)
    stamp = clock.as_text(seconds) + f".{rest:09d}"
    size = "" if entry.is_directory else f", {entry.size} bytes"
    owner = f"{os.fsdecode(entry.uid)}:{os.fsdecode(entry.gid)}"
    return f"{kind}, mode {os.fsdecode(entry.mode)}, owner {owner}{size}, modified {stamp}"
