"""The criteria in their order. To add one, write its file and name it here."""

from collections.abc import Callable
from typing import Protocol

from drdwrap.changes.decision_table import Outcome, newer_wins, outcome, reason
from drdwrap.packages.sides import PackageSides
from drdwrap.trim import (
    non_synced_location,
    nonvolatile,
    owner,
    target_changed,
    volatile,
)
from drdwrap.trim.verdict import Trimming, Verdict


class Criterion(Protocol):
    """What a criterion's file has to offer."""

    def apply(self, trimming: Trimming) -> None:
        """Hold those of the candidates still to be taken over that the criterion is about."""


BEFORE_PACKAGES: tuple[Criterion, ...] = (non_synced_location, target_changed)
CRITERIA: tuple[Criterion, ...] = (nonvolatile, volatile, owner)

Ask = Callable[[frozenset[bytes]], PackageSides]
"""Asks the package databases about paths: called once, for what only they can tell."""


def trim(trimming: Trimming, ask: Ask, *, newer: bool = False) -> None:
    """Reach a verdict for every candidate.

    `newer` goes by DRD's rule where both sides have a file that the record does not know.
    """
    for path, candidate in trimming.candidates.items():
        row = outcome(candidate)
        why = reason(candidate, row)
        if newer and row is Outcome.TARGET_CHANGED and newer_wins(candidate):
            row, why = Outcome.COPY, "at least as new as the clone's (--adopt newer)"
        trimming.verdicts[path] = Verdict(row, why)
    for criterion in BEFORE_PACKAGES:
        criterion.apply(trimming)
    at_stake = frozenset(path for path in trimming.candidates if _is_at_stake(trimming, path))
    if at_stake:
        trimming.packages = ask(at_stake)
    for criterion in CRITERIA:
        held = trimming.held
        criterion.apply(trimming)
        if trimming.held != held:  # a directory, maybe, or part of a set that the next one minds
            target_changed.apply(trimming)


def _is_at_stake(trimming: Trimming, path: bytes) -> bool:
    """Whether a package may have a say: not about a directory that stays one."""
    candidate = trimming.candidates[path]
    sides = (candidate.booted, candidate.clone)
    if trimming.outcome(path) is Outcome.COPY:
        return not all(entry is None or entry.is_directory for entry in sides)
    return trimming.outcome(path) in (Outcome.ERASED, Outcome.REPLACED)
