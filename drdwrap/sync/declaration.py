"""What a run is about to do to the clone, declared before it does it: see `record.intent`."""

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.errors import DrdwrapError, in_words
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.hidden import digests
from drdwrap.paths.arithmetic import absolute
from drdwrap.record import intent as intents
from drdwrap.record.intent import Attributes, Intent, Put
from drdwrap.record.store import Header
from drdwrap.sync.work import Work


@dataclass
class Declaration:
    """The open intent of a run, and what was added to it since."""

    intent: Intent
    added: list[Put] = field(default_factory=list)

    @classmethod
    def make(cls, work: Work, header: Header, cut_off: Intent | None) -> "Declaration":
        """Make the intent durable, and with it what earlier runs were cut off at. DrdwrapError when
        that fails.

        A path may be in it more than once: one run may have been cut off after it had put the path,
        and another before it put it again as it is now.
        """
        intent = _intent(work, header, cut_off)
        try:
            intents.write(work.run.state.intent, intent)
        except OSError as error:
            raise DrdwrapError(
                f"the intent could not be written to state_dir: {in_words(error)}",
                "nothing was copied",
            ) from error
        return cls(intent)

    def add_changed(self, work: Work, paths: Iterable[bytes]) -> None:
        """Add those of `paths` that have changed on the booted system since the scan, as they are
        now: so rsync is about to put them. OSError when that cannot be made durable."""
        self._add(work, _changed_since(work, paths))

    def add_made(self, work: Work, paths: Iterable[bytes]) -> None:
        """Add what rsync has made of those of `paths` that changed on the booted system when it was
        at them already: it has a time that nobody could foresee. OSError as above."""
        self._add(work, _unforeseen(work, paths))

    def _add(self, work: Work, puts: list[Put]) -> None:
        if puts:
            self.added += puts
            intents.add(work.run.state.intent, self.intent, self.added)


def _intent(work: Work, header: Header, cut_off: Intent | None) -> Intent:
    root = work.run.trees.booted.root
    puts = {
        Put(candidate.booted, _link_target(root, candidate.booted)): None
        for candidate in work.seen.plan.copies.values()
        if candidate.booted is not None
    }
    touched = {
        path: Attributes.between(found, _attributes_after(work, path))
        for path, found in work.attributes.items()
        if work.is_recorded(path)
    }
    if cut_off:
        puts.update(dict.fromkeys(cut_off.puts))
        touched = {**cut_off.touched, **touched}
    return Intent.of(header, "sync", puts, touched)


def _attributes_after(work: Work, path: bytes) -> frozenset[bytes]:
    """What the clone's path will have: the booted one's if it is a directory that is put."""
    candidate = work.seen.plan.copies.get(path)
    if candidate and candidate.booted and candidate.booted.is_directory:
        with suppress(OSError):
            return digests(absolute(work.run.trees.booted.root, path))
    return work.attributes[path]


def _changed_since(work: Work, paths: Iterable[bytes]) -> list[Put]:
    root = work.run.trees.booted.root
    found = []
    for path in paths:
        now = work.on_booted(path)
        if now is not None and now != work.seen.plan.copies[path].booted:
            found.append(Put(now, _link_target(root, now)))
    return found


def _unforeseen(work: Work, paths: Iterable[bytes]) -> list[Put]:
    found = []
    for path in paths:
        made, candidate = work.made.get(path), work.seen.plan.copies[path]
        if made is None or not made.is_file or candidate.booted is None:
            continue
        anew = candidate.clone is None or candidate.clone.inode != made.inode
        unlike = anew and made.mtime != candidate.booted.mtime
        if unlike and work.on_booted(path) != candidate.booted:
            found.append(Put(made))
    return found


def _link_target(root: bytes, entry: Entry) -> bytes:
    if entry.type != b"l":
        return b""
    try:
        return os.readlink(absolute(root, entry.path))
    except OSError:  # it has changed meanwhile: the next run takes it
        return b""
