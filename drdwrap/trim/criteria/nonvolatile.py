"""Third criterion: nonvolatile files of a package.

A file that a package delivered, other than a configuration file, comes to the clone with the
package and never with a sync. What a package owns on the clone is neither overwritten nor removed.
What belongs to a package that only one side has is a part of this: see `one_sided`.
"""

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.trim import script_written
from drdwrap.trim.criteria import one_sided, volatile
from drdwrap.trim.trimming import Trimming

_REMOVALS = (Outcome.ERASED, Outcome.REPLACED)


def apply(trimming: Trimming) -> None:
    """Hold what belongs to packages, and what only their scripts write."""
    one_sided.apply(trimming)
    scripts = script_written.ScriptPlaces(trimming.packages)
    for path, candidate in trimming.candidates.items():
        outcome = trimming.outcome(path)
        if volatile.is_configuration(trimming.packages, path):
            continue
        if outcome is Outcome.COPY and not _stays_directory(candidate):
            why = _delivered(trimming, candidate) or scripts.reason(path)
        elif outcome in _REMOVALS:
            why = _kept(trimming, path) or scripts.reason(path)
        else:
            continue
        if why:
            trimming.hold(path, Outcome.NONVOLATILE, why)


def _stays_directory(candidate: Candidate) -> bool:
    """A directory does not belong to one package: several can have the same one."""
    booted, clone = candidate.booted, candidate.clone
    return bool(booted and booted.is_directory and (clone is None or clone.is_directory))


def _delivered(trimming: Trimming, candidate: Candidate) -> str:
    """Why a path is not copied, or the empty string."""
    sides = trimming.packages
    for name, packages in (("booted system", sides.booted), ("clone", sides.clone)):
        owner = packages.owner_of_file(candidate.path)
        if owner:
            return f"a file of {owner} on the {name}"
    return ""


def _kept(trimming: Trimming, path: bytes) -> str:
    """Why a path is not removed from the clone, or the empty string."""
    sides = trimming.packages
    if sides.unreadable:
        return f"a package on the clone may own it: {sides.unreadable}"
    owner = sides.clone.owners.get(path)
    return f"it belongs to {owner} on the clone, and is never removed" if owner else ""
