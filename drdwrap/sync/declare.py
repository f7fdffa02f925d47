"""What a run is about to do to the clone, declared before it does it: see `record.intent`."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.errors import DrdwrapError, in_words
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.record import intent as intents
from drdwrap.record.intent import Attributes, Intent, Put
from drdwrap.record.store import Header
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger


@dataclass
class Declaration:
    """The open intent of a run at `path`, and what was added to it since."""

    path: bytes
    intent: Intent
    added: list[Put] = field(default_factory=list)

    @classmethod
    def make(
        cls, path: bytes, job: Job, ledger: Ledger, header: Header, cut_off: Intent | None
    ) -> "Declaration":
        """Make the intent durable, together with that of the run that was `cut_off`. DrdwrapError
        when that fails.

        A path may be in it more than once: one run may have been cut off after it had put the path,
        and another before it put it again as it is now.
        """
        intent = _intent(job, ledger, header, cut_off)
        try:
            intents.write(path, intent)
        except OSError as error:
            raise DrdwrapError(
                f"the intent could not be written to state_dir: {in_words(error)}",
                "nothing was copied",
            ) from error
        return cls(path, intent)

    def add_changed(self, job: Job, paths: Iterable[bytes]) -> None:
        """Add those of `paths` that have changed on the booted system since the scan, as they are
        now: so rsync is about to put them. OSError when that cannot be made durable."""
        self._add(_changed_since(job, paths))

    def add_made(self, job: Job, ledger: Ledger, paths: Iterable[bytes]) -> None:
        """Add what rsync has made of those of `paths` that changed on the booted system while it
        was copying them: it has a time that nobody could foresee. OSError as above."""
        self._add(_unforeseen(job, ledger, paths))

    def _add(self, puts: list[Put]) -> None:
        if puts:
            self.added += puts
            intents.add(self.path, self.intent, self.added)


def _intent(job: Job, ledger: Ledger, header: Header, cut_off: Intent | None) -> Intent:
    puts = {
        Put(candidate.booted, _link_target(job, candidate.booted)): None
        for candidate in job.copies.values()
        if candidate.booted is not None
    }
    touched = {
        path: Attributes.between(found, _attributes_after(job, path))
        for path, found in job.attributes.items()
        if job.is_recorded(path, ledger)
    }
    if cut_off:
        puts.update(dict.fromkeys(cut_off.puts))
        touched = {**cut_off.touched, **touched}
    return Intent.of(header, "sync", puts, touched)


def _attributes_after(job: Job, path: bytes) -> frozenset[bytes]:
    """What the clone's path will have: the booted one's if it is a directory that is put."""
    candidate = job.copies.get(path)
    if candidate and candidate.booted and candidate.booted.is_directory:
        with suppress(OSError):
            return digests(job.booted_path(path))
    return job.attributes[path]


def _changed_since(job: Job, paths: Iterable[bytes]) -> list[Put]:
    found = []
    for path in paths:
        now = job.on_booted(path)
        if now is not None and now != job.copies[path].booted:
            found.append(Put(now, _link_target(job, now)))
    return found


def _unforeseen(job: Job, ledger: Ledger, paths: Iterable[bytes]) -> list[Put]:
    found = []
    for path in paths:
        made, candidate = ledger.made.get(path), job.copies[path]
        if made is None or not made.is_file or candidate.booted is None:
            continue
        anew = candidate.clone is None or candidate.clone.inode != made.inode
        unlike = anew and made.mtime != candidate.booted.mtime
        if unlike and job.on_booted(path) != candidate.booted:
            found.append(Put(made))
    return found


def _link_target(job: Job, entry: Entry) -> bytes:
    if entry.type != b"l":
        return b""
    try:
        return os.readlink(job.booted_path(entry.path))
    except OSError:  # it has changed meanwhile: the next run takes it
        return b""
