"""Say what has become of everything that was to be copied or removed."""

from collections.abc import Mapping

from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.output import unescaped
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import Arrival, Arrived
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.result import RunResult


def summarize(
    ledger: Ledger, arrived: Mapping[bytes, Arrived], transcript: Transcript, result: RunResult
) -> None:
    """Fill in the result: counts, a warning for each failure, a note for what is no error."""
    kinds = [found.arrival for found in arrived.values()]
    result.counts["copied"] = kinds.count(Arrival.COPIED)
    result.counts["deleted"] = len(ledger.all(PathState.REMOVED))
    for path, why in ledger.all(PathState.NOT_REMOVED).items():
        result.notes.append(f"/{for_screen(path)} is not removed: {why}")
    for path, why in ledger.all(PathState.REMOVAL_FAILED).items():
        result.warnings.append(f"/{for_screen(path)} could not be removed: {why}")
    for path, found in arrived.items():
        _tell(f"/{for_screen(path)}", found, result)
    for path, why in ledger.all(PathState.FAILED).items():
        result.warnings.append(f"/{for_screen(path)} could not be copied: {why}")
    for path, why in ledger.all(PathState.CHANGED).items():
        result.notes.append(f"/{for_screen(path)} is not copied: {why}")
    if transcript.cut_off and transcript.interrupted is None:
        missed = kinds.count(Arrival.NOT_REACHED)
        paths = "1 path was" if missed == 1 else f"{missed} paths were"
        result.error = (
            f"{transcript.why_cut_off()}; {paths} not reached, and the next sync goes on from there"
        )
    else:
        result.warnings += [for_screen(unescaped(line)) for line in transcript.unexplained]


def _tell(name: str, found: Arrived, result: RunResult) -> None:
    if found.arrival is Arrival.FAILED:
        result.warnings.append(f"{name} could not be copied: {found.message}{_hint(found)}")
    elif found.arrival is Arrival.SWAPPED:
        result.warnings.append(
            f"{name} was read through a directory that was swapped while it was copied;"
            " what came through is removed, and the next sync copies it"
        )
    elif found.arrival is Arrival.CHANGING:
        result.notes.append(f"{name} {found.arrival.value}: the next sync takes it")
    elif found.arrival is Arrival.OVERTAKEN and found.message:
        result.warnings.append(f"{name} {found.arrival.value}: {found.message}")
    elif found.arrival is Arrival.OVERTAKEN:
        result.notes.append(f"{name} {found.arrival.value}")


def _hint(found: Arrived) -> str:
    """What to do where it is the clone's file that refuses."""
    if found.clone is None or "Operation not permitted" not in found.message:
        return ""
    return (
        " (if it is immutable on the clone: 'chattr -i' counts as a change there, so follow it by"
        " 'drdwrap accept')"
    )
