"""Say what has become of everything that was to be copied or removed."""

from drdwrap.inventory.entry import Entry
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.output import unescaped
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.job import Job
from drdwrap.sync.last_look import Arrived
from drdwrap.sync.ledger import Ledger, Note, PathState
from drdwrap.sync.result import RunResult
from drdwrap.sync.too_many_names import TOO_MANY, warnings_of_names


def summarize(
    job: Job, ledger: Ledger, arrived: Arrived, transcript: Transcript, result: RunResult
) -> None:
    """Fill in the result: counts, a warning for each failure, a note for what is no error."""
    copied = {path for path, note in arrived.put.items() if note.state is PathState.COPIED}
    result.counts["copied"] = len(copied.difference(arrived.overtaken))
    result.counts["deleted"] = len(ledger.removed())
    for path, note in ledger.removals.items():
        _tell_of_removal(f"/{for_screen(path)}", note, result)
    too_many: list[Entry] = []
    for path, note in ledger.copies.items():
        planned = job.copies.get(path)
        if note.state is PathState.FAILED and TOO_MANY in note.why and planned and planned.booted:
            too_many.append(planned.booted)
        else:
            _tell_of_copy(f"/{for_screen(path)}", note, result)
    result.warnings += warnings_of_names(too_many)
    for path in arrived.overtaken:
        result.notes.append(
            f"/{for_screen(path)} changed on the clone while the run was going: the clone's change"
            " stays"
        )
    if transcript.cut_off and transcript.interrupted is None:
        missed = len(job.copies.keys() - ledger.copies.keys())
        paths = "1 path was" if missed == 1 else f"{missed} paths were"
        result.error = (
            f"{transcript.why_cut_off()}; {paths} not reached, and the next sync goes on from there"
        )
    else:
        result.warnings += [for_screen(unescaped(line)) for line in transcript.unexplained]


def _tell_of_removal(name: str, note: Note, result: RunResult) -> None:
    if note.state is PathState.NOT_REMOVED:
        result.notes.append(f"{name} is not removed: {note.why}")
    elif note.state is PathState.REMOVAL_FAILED:
        result.warnings.append(f"{name} could not be removed: {note.why}")


def _tell_of_copy(name: str, note: Note, result: RunResult) -> None:
    if note.state is PathState.FAILED:
        result.warnings.append(f"{name} could not be copied: {note.why}{_hint(note)}")
    elif note.state is PathState.CHANGING:
        result.notes.append(f"{name} {note.state.value}: the next sync takes it")
    elif note.state is PathState.UNPROVED:
        result.notes.append(f"{name}: {note.state.value}")
    elif note.state is PathState.CHANGED:
        result.notes.append(f"{name} is not copied: {note.why}")


def _hint(note: Note) -> str:
    """What to do where it is the clone's file that refuses."""
    if "Operation not permitted" not in note.why:
        return ""
    return (
        " (if it is immutable on the clone: 'chattr -i' counts as a change there, so follow it by"
        " 'drdwrap accept')"
    )
