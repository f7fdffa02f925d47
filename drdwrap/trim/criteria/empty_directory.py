"""The last criterion: directories that would come to the clone empty, since what is in them belongs
to packages that the clone has not."""

from drdwrap.changes.decision_table import Outcome
from drdwrap.paths.arithmetic import ancestors
from drdwrap.trim.one_sided import of_candidates
from drdwrap.trim.trimming import Trimming


def apply(trimming: Trimming) -> None:
    """Hold new directories of such packages, and new ones that hold something of theirs, if nothing
    in them is copied."""
    if not any(trimming.packages.only):
        return
    packages = of_candidates(trimming.candidates, trimming.packages)
    theirs = {directory for path in trimming.one_sided for directory in ancestors(path)}
    needed: set[bytes] = set()
    new = []
    for path, candidate in trimming.candidates.items():
        if trimming.outcome(path) is not Outcome.COPY:
            continue
        booted = candidate.booted
        is_new = candidate.clone is None and booted is not None and booted.is_directory
        if is_new and (path in theirs or packages.have_directory(path)):
            new.append(path)
        else:
            needed.update(ancestors(path))
    for path in sorted(new, reverse=True):
        if path in needed:
            needed.update(ancestors(path))
        else:
            reason = "it would be empty: what is in it belongs to packages that the clone has not"
            trimming.hold(path, Outcome.NONVOLATILE, reason)
