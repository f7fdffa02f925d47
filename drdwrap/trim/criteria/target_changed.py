"""Second criterion: what has changed on the clone stays, and what belongs together with it."""

from drdwrap.changes.decision_table import Outcome
from drdwrap.paths.escaping import for_screen
from drdwrap.trim import structure
from drdwrap.trim.kept_together import KeptTogether, SetName
from drdwrap.trim.trimming import Trimming

_STAYS = (
    Outcome.TARGET_CHANGED,
    Outcome.CLONE_ONLY,
    Outcome.NONVOLATILE,
    Outcome.VOLATILE,
    Outcome.OWNER,
)
_TAKES_FROM_BOOTED = (Outcome.COPY, Outcome.ERASED, Outcome.REPLACED)


def apply(trimming: Trimming) -> None:
    """Hold what the table gives to the clone, what hangs below it, and what is kept together."""
    while structure.hold(trimming) or hold_sets(trimming):
        pass


def hold_sets(trimming: Trimming) -> bool:
    """Hold every candidate of a set of which one member stays as the clone has it.

    That is a member that changed on the clone, that another criterion holds, or that only the
    clone has (a journal that a program run on the clone left beside its database). A set that
    needs a deletion which is not made is held as well. Returns whether anything changed.
    """
    taking: dict[SetName, list[bytes]] = {}
    blocking: dict[SetName, bytes] = {}
    for path, verdict in trimming.verdicts.items():
        if verdict.outcome in _TAKES_FROM_BOOTED:
            for name in trimming.kept_together.sets_of(path):
                taking.setdefault(name, []).append(path)
            if verdict.outcome is not Outcome.ERASED or trimming.deletions:
                continue
        elif verdict.outcome not in _STAYS:
            continue
        _note_first(blocking, trimming.kept_together, path)
    own: dict[SetName, bytes] = {}
    for path in trimming.own:
        _note_first(own, trimming.kept_together, path)
    blocking = {**own, **blocking}
    changed = False
    for name in sorted(taking.keys() & blocking.keys()):
        for path in taking[name]:
            # What is merely not deleted stays in its own report.
            undeleted = trimming.outcome(path) is Outcome.ERASED and not trimming.deletions
            if trimming.outcome(path) in _TAKES_FROM_BOOTED and not undeleted:
                member = for_screen(blocking[name])
                reason = f"kept together with /{member}, which stays as the clone has it"
                trimming.hold(path, Outcome.TARGET_CHANGED, reason)
                changed = True
    return changed


def _note_first(found: dict[SetName, bytes], kept_together: KeptTogether, path: bytes) -> None:
    """Keep the first path, by name, of each set: candidates are in another order in each run, and
    a reason must not be."""
    for name in kept_together.sets_of(path):
        found[name] = min(path, found.get(name, path))
