"""The criteria in their order. To add one, write its file and name it here."""

from typing import Protocol

from drdwrap.trim import non_synced_location, owner, target_changed
from drdwrap.trim.table import Outcome, newer_wins, outcome, reason
from drdwrap.trim.verdict import Trimming, Verdict


class Criterion(Protocol):
    """What a criterion's file has to offer."""

    def apply(self, trimming: Trimming) -> None:
        """Hold those of the candidates still to be taken over that the criterion is about."""


CRITERIA: tuple[Criterion, ...] = (non_synced_location, target_changed, owner)


def trim(trimming: Trimming, *, newer: bool = False) -> None:
    """Reach a verdict for every candidate.

    `newer` goes by DRD's rule where both sides have a file that the record does not know.
    """
    for path, candidate in trimming.candidates.items():
        row = outcome(candidate)
        why = reason(candidate, row)
        if newer and row is Outcome.TARGET_CHANGED and newer_wins(candidate):
            row, why = Outcome.COPY, "at least as new as the clone's (--adopt newer)"
        trimming.verdicts[path] = Verdict(row, why)
    for criterion in CRITERIA:
        criterion.apply(trimming)
    # A criterion may have held a directory, or part of a set, after the rest was settled.
    target_changed.apply(trimming)
