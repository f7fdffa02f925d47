"""The record after `accept`: the clone's side of some paths as it is now, all else unmoved."""

from collections.abc import Sequence

from drdwrap.changes.candidate import never_seen
from drdwrap.changes.decision_table import Outcome
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.record import intent as intents
from drdwrap.record import marker
from drdwrap.record.intent import Intent
from drdwrap.record.marker import Marker
from drdwrap.record.store import Header
from drdwrap.sync.begin import Run
from drdwrap.sync.commit import commit, syncing
from drdwrap.sync.determine import Determined
from drdwrap.sync.next_record import Lines, carried_over


def write_accepted(run: Run, seen: Determined, header: Header, accepted: Sequence[bytes]) -> None:
    """Write a record with this header, in which the clone's state of the `accepted` paths is what
    drdwrap has put. DrdwrapError."""
    booted, clone = _lines(seen, accepted)
    try:
        intents.write(run.state.intent, Intent.of(header, "accept"))
        marker.write(run.trees.clone.root, Marker.of(header))
        _note_marker(run, seen, clone)
        lines = seen.booted.finder.replaced(booted), seen.clone.finder.replaced(clone)
        with syncing(run) as synced:
            commit(run, header, *lines, synced)
    except OSError as error:
        raise DrdwrapError(f"the record could not be written: {in_words(error)}") from error


def _lines(seen: Determined, accepted: Sequence[bytes]) -> tuple[Lines, Lines]:
    booted, clone = carried_over(seen.comparison)
    for path, candidate in seen.candidates.items():
        here, there = candidate.booted_then, candidate.clone_then
        if here is None and seen.verdicts[path].outcome is Outcome.IN_STEP:
            here, there = candidate.booted, candidate.clone
        booted[path] = here.line if here else None
        clone[path] = there.line if there else None
    for path in accepted:
        candidate = seen.candidates[path]
        now, then = candidate.clone, candidate.booted_then
        assert now is not None
        if then is None or (then.is_directory and not now.is_directory):
            # The next sync puts the directory back: what is in it cannot follow without.
            then = never_seen(candidate.booted or now)
        booted[path] = then.line
        clone[path] = now.line
    return booted, clone


def _note_marker(run: Run, seen: Determined, clone: Lines) -> None:
    """The new marker has moved the change time of the clone's root, and nothing else."""
    now, before = entry_at(run.trees.clone.root, b""), seen.clone.finder.select([b""])[b""]
    unmoved = clone.get(b"", before) == before
    if unmoved and now is not None and now.visible == Entry.parse(before).visible:
        clone[b""] = now.line
