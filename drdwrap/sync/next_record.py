"""The next record, from what was seen and what was done. Pure."""

from collections.abc import Callable, Mapping, Set

from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry
from drdwrap.sync.ledger import Note, PathState
from drdwrap.trim.trimming import Verdict

Unsettled = Callable[[bytes], bool]
Lines = dict[bytes, bytes | None]
"""By path another line for the record, or None for no line at all."""


def next_record(
    comparison: Comparison,
    candidates: Mapping[bytes, Candidate],
    verdicts: Mapping[bytes, Verdict],
    notes: Mapping[bytes, Note],
    gone: Set[bytes],
    moved: Mapping[bytes, Entry],
    unsettled: Unsettled,
    trusted: Set[bytes],
) -> tuple[Lines, Lines]:
    """How the scans' lines (booted, clone) have to be changed to be the record's.

    `notes` say what became of the copies, `gone` is what was removed, `moved` are the clone's
    entries of paths that are in step but moved along (directories, other names of a file).
    `unsettled` says whether a booted file's change time is too young to be trusted; `trusted` are
    paths whose change time can be trusted nevertheless.
    """
    booted, clone = carried_over(comparison)
    for path, candidate in candidates.items():
        here, there = _entries(candidate, verdicts[path].outcome, notes.get(path), path in gone)
        if verdicts[path].outcome in (Outcome.COPY, Outcome.IN_STEP) and path not in trusted:
            here = _settled(here, unsettled)
        booted[path] = here.line if here and there else None
        clone[path] = there.line if here and there else None
    for path, entry in moved.items():
        if booted.get(path, b"") is not None and clone.get(path, b"") is not None:
            clone[path] = entry.line
    return booted, clone


def carried_over(comparison: Comparison) -> tuple[Lines, Lines]:
    """The changes that keep what this run knows nothing about as the record has it."""
    booted: Lines = {}
    clone: Lines = dict.fromkeys(comparison.own)
    for lines, found in ((booted, comparison.booted), (clone, comparison.clone)):
        for path in comparison.unknown:
            if path in found.now or path in found.then:
                lines[path] = found.then.get(path)
    return booted, clone


def _entries(
    candidate: Candidate, outcome: Outcome, note: Note | None, gone: bool
) -> tuple[Entry | None, Entry | None]:
    """The two entries that the record is to have for a path, or None."""
    if gone or outcome is Outcome.FORGOTTEN:
        return None, None
    if outcome is Outcome.IN_STEP:
        return candidate.booted, candidate.clone
    if outcome is Outcome.COPY and candidate.booted is not None:
        if note is not None and note.put is not None:
            whole = note.state is PathState.COPIED
            return candidate.booted if whole else never_seen(candidate.booted), note.put
        untouched = note is None or note.state is not PathState.CHANGED
        if untouched and candidate.clone_then is None and candidate.clone is not None:
            # Only `--adopt newer` copies over what drdwrap has not put: that is settled now.
            return never_seen(candidate.booted), candidate.clone
    return candidate.booted_then, candidate.clone_then


def _settled(entry: Entry | None, unsettled: Unsettled) -> Entry | None:
    """An entry without a change time that cannot be trusted, so that the next run looks again."""
    if entry is not None and unsettled(entry.ctime):
        return entry._replace(ctime=b"0")
    return entry
