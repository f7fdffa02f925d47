"""The criteria in their order: they decide whether a path is copied. To add one, write its file in
`criteria/` and name it here.

The first two need nothing but what the scans saw. The package databases are asked about what these
leave (`at_stake`), and the others decide with that answer.
"""

from collections.abc import Iterable
from typing import Protocol

from drdwrap.changes.decision_table import Outcome, newer_wins, outcome, reason
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.criteria import (
    database,
    empty_directory,
    non_synced_location,
    nonvolatile,
    owner,
    target_changed,
    volatile,
)
from drdwrap.trim.kept_together import database_directory
from drdwrap.trim.trimming import Trimming


class Criterion(Protocol):
    """What a criterion's file has to offer."""

    def apply(self, trimming: Trimming) -> None:
        """Hold those of the candidates still to be taken over that the criterion is about."""


BEFORE_PACKAGES: tuple[Criterion, ...] = (non_synced_location, target_changed)
WITH_PACKAGES: tuple[Criterion, ...] = (database, nonvolatile, volatile, owner, empty_directory)


def trim_by_record(trimming: Trimming, *, newer: bool = False) -> None:
    """Give every candidate the verdict of the decision table, and apply the first criteria.

    `newer` goes by DRD's rule where both sides have a file that the record does not know.
    """
    for path, candidate in trimming.candidates.items():
        row = outcome(candidate)
        why = reason(candidate, row)
        if newer and row is Outcome.TARGET_CHANGED and newer_wins(candidate):
            row, why = Outcome.COPY, "at least as new as the clone's (--adopt newer)"
        trimming.decide(path, row, why)
    for criterion in BEFORE_PACKAGES:
        criterion.apply(trimming)


_TOUCHING = (Outcome.COPY, Outcome.ERASED, Outcome.REPLACED)


def at_stake(trimming: Trimming) -> frozenset[bytes]:
    """The paths that packages may have a say about: all that the clone is to get, or to lose; and
    what is held of databases, if it matters whose version that is."""
    return frozenset(
        path
        for path in trimming.candidates
        if trimming.outcome(path) in _TOUCHING
        or (trimming.after_reversal and database_directory(path))
    )


def links_among(
    trimming: Trimming, paths: Iterable[bytes]
) -> tuple[frozenset[bytes], frozenset[bytes]]:
    """Those of these candidates that are symbolic links: on the booted system, and on the clone."""
    some = [trimming.candidates[path] for path in paths]
    return (
        frozenset(c.path for c in some if c.booted is not None and c.booted.type == b"l"),
        frozenset(c.path for c in some if c.clone is not None and c.clone.type == b"l"),
    )


def trim_by_packages(trimming: Trimming, packages: PackageSides) -> None:
    """Apply the other criteria; `packages` is what the databases say of what is `at_stake`."""
    trimming.packages = packages
    for criterion in WITH_PACKAGES:
        held = trimming.held
        criterion.apply(trimming)
        if trimming.held != held:  # perhaps a directory, or part of a set that is kept together
            target_changed.apply(trimming)
