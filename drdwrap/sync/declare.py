"""What a run is about to do to the clone, declared before it does it: see `record.intent`."""

from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError, in_words
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.record import intent as intents
from drdwrap.record.intent import Attributes, Intent, Move, Put
from drdwrap.record.store import Header
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger


@dataclass(frozen=True)
class Declaration:
    """The open intent of a run, at `path`."""

    path: bytes
    intent: Intent

    @classmethod
    def make(cls, path: bytes, job: Job, header: Header, cut_off: Intent | None) -> "Declaration":
        """Make the intent durable, together with that of the run that was `cut_off`. DrdwrapError
        when that fails."""
        intent = _intent(job, header, cut_off)
        try:
            intents.write(path, intent)
        except OSError as error:
            raise DrdwrapError(
                f"the intent could not be written to state_dir: {in_words(error)}",
                "nothing was copied",
            ) from error
        return cls(path, intent)

    def add_moves(self, job: Job, staged: Mapping[bytes, Entry]) -> None:
        """Declare what lies finished in the staging directory, entries by path, and is about to be
        moved to its place. OSError when that cannot be made durable: then nothing may be moved."""
        moves = [
            Move(entry, digests(job.staging.new(path)), job.copies[path].clone)
            for path, entry in staged.items()
        ]
        if moves:
            intents.add(self.path, self.intent, moves)


def _intent(job: Job, header: Header, cut_off: Intent | None) -> Intent:
    nothing_yet = Ledger()
    puts = {Put(entry): None for entry in _adjusted(job)}
    touched = {
        path: Attributes.between(found, _attributes_after(job, path))
        for path, found in job.attributes.items()
        if job.is_recorded(path, nothing_yet)
    }
    moves = cut_off.moves if cut_off else ()
    if cut_off:
        puts.update(dict.fromkeys(cut_off.puts))
        touched = {**cut_off.touched, **touched}
    return Intent.of(header, "sync", puts, touched, moves)


def _adjusted(job: Job) -> Collection[Entry]:
    entries = (job.copies[path].booted for path in job.plan.adjustments)
    return [entry for entry in entries if entry is not None]


def _attributes_after(job: Job, path: bytes) -> frozenset[bytes]:
    """What the clone's path will have: the booted one's where attributes are set in place."""
    if path in job.copies:
        with suppress(OSError):
            return digests(job.booted_path(path))
    return job.attributes[path]
