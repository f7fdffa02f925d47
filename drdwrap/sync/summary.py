"""Say what has become of everything that was to be copied."""

from collections.abc import Mapping

from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.output import unescaped
from drdwrap.sync.arrival import Arrival, Arrived
from drdwrap.sync.work import Work


def describe(work: Work, arrived: Mapping[bytes, Arrived]) -> None:
    """Fill in the outcome: counts, a warning for each failure, a note for what is no error."""
    outcome, copied = work.outcome, work.copied
    kinds = [found.arrival for found in arrived.values()]
    outcome.counts["copied"] = kinds.count(Arrival.COPIED)
    outcome.counts["deleted"] = len(work.gone)
    for path, found in arrived.items():
        name = "/" + for_screen(path)
        if found.arrival is Arrival.FAILED:
            outcome.warnings.append(f"{name} could not be copied: {found.message}{_hint(found)}")
        elif found.arrival is Arrival.SWAPPED:
            outcome.warnings.append(
                f"{name} was read through a directory that was swapped while it was copied;"
                " what came through is removed, and the next sync copies it"
            )
        elif found.arrival is Arrival.CHANGING:
            outcome.notes.append(f"{name} {found.arrival.value}: the next sync takes it")
        elif found.arrival is Arrival.OVERTAKEN and found.message:
            outcome.warnings.append(f"{name} {found.arrival.value}: {found.message}")
        elif found.arrival is Arrival.OVERTAKEN:
            outcome.notes.append(f"{name} {found.arrival.value}")
    for path, why in work.failed.items():
        outcome.warnings.append(f"/{for_screen(path)} could not be copied: {why}")
    for path, why in work.stale.items():
        outcome.notes.append(f"/{for_screen(path)} is not copied: {why}")
    if copied.cut_off and copied.interrupted is None:
        missed = kinds.count(Arrival.NOT_REACHED)
        paths = "1 path was" if missed == 1 else f"{missed} paths were"
        outcome.error = (
            f"{copied.why_cut_off()}; {paths} not reached, and the next sync goes on from there"
        )
    else:
        outcome.warnings += [for_screen(unescaped(line)) for line in copied.unexplained]


def _hint(found: Arrived) -> str:
    """What to mind where it is the clone's file that refuses."""
    if found.clone is None or "Operation not permitted" not in found.message:
        return ""
    return (
        " (if it is immutable on the clone: 'chattr -i' counts as a change there, so follow it by"
        " 'drdwrap accept')"
    )
