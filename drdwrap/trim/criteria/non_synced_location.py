"""First criterion: locations that are not synchronized."""

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import REASONS, Outcome
from drdwrap.trim.trimming import Trimming


def apply(trimming: Trimming) -> None:
    """Take all that lies in a location out of what follows; report it where the sides differ."""
    for path, candidate in trimming.candidates.items():
        if trimming.locations.cover(path):
            if _differs(candidate):
                trimming.hold(path, Outcome.LOCATION, trimming.locations.reason(path))
            else:
                trimming.hold(path, Outcome.NOT_COMPARED, REASONS[Outcome.NOT_COMPARED])


def _differs(candidate: Candidate) -> bool:
    """As far as the scan shows: in a location nothing is looked at more closely."""
    booted, clone = candidate.booted, candidate.clone
    if booted is None or clone is None:
        return booted is not clone and (booted is not None or candidate.booted_then is not None)
    return booted.visible != clone.visible or bool(candidate.hidden)
