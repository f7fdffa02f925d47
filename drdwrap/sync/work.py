"""A copy under way: the plan, and what has happened so far."""

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

from drdwrap.changes.compare import moves_along
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry, look_at
from drdwrap.inventory.hidden import digests
from drdwrap.paths.arithmetic import absolute
from drdwrap.rsync.run import Copied
from drdwrap.sync.arrival import is_still
from drdwrap.sync.begin import Run
from drdwrap.sync.determine import Survey
from drdwrap.sync.result import RunResult
from drdwrap.trim.kept_together import SetName


@dataclass
class Work:
    """One run's copy.

    `around` are the clone's lines, as the scan saw them, of all that moves along with what is
    copied: directories, and other names of linked files. `attributes` are the digests (see
    `look.digests`) of what of these, and of the directories and linked files that are copied or
    removed themselves, still was so before the copy. `handed_over` was given to rsync, `made` is
    what the clone had there right after. `gone` was removed for good, `cleared` to make way.
    `stale` is left alone because the clone changed since the scan, `failed` could not even be
    looked at; both by path, with the reason.
    """

    run: Run
    seen: Survey
    outcome: RunResult
    around: dict[bytes, bytes] = field(default_factory=dict)
    attributes: dict[bytes, frozenset[bytes]] = field(default_factory=dict)
    copied: Copied = field(default_factory=Copied)
    handed_over: set[bytes] = field(default_factory=set)
    made: dict[bytes, Entry | None] = field(default_factory=dict)
    gone: set[bytes] = field(default_factory=set)
    cleared: set[bytes] = field(default_factory=set)
    stale: dict[bytes, str] = field(default_factory=dict)
    failed: dict[bytes, str] = field(default_factory=dict)

    def on_clone(self, path: bytes) -> Entry | None:
        """What the clone has at this moment. OSError other than absence is raised."""
        return look_at(self.run.trees.clone.root, path)

    def on_booted(self, path: bytes) -> Entry | None:
        """The same for the booted system; what cannot be looked at is None."""
        try:
            return look_at(self.run.trees.booted.root, path)
        except OSError:
            return None

    def note_made(self, paths: Iterable[bytes]) -> None:
        """Note what the clone has of these, now that rsync has been there."""
        for path in paths:
            with suppress(OSError):
                self.made[path] = self.on_clone(path)

    def keeps_attributes(self, path: bytes) -> bool:
        """Whether the clone's attributes there are those that it had before the copy. OSError when
        they cannot be read."""
        there = absolute(self.run.trees.clone.root, path)
        return path in self.attributes and digests(there) == self.attributes[path]

    def is_as_before(self, now: Entry, before: Entry) -> bool:
        """Whether the clone's `now` is what it was `before` the copy. A directory's times, and a
        linked file's count and change time, move as the run goes on: there only the attributes tell
        whether anyone else has been at it. OSError when they cannot be read."""
        return now == before or (is_still(now, before) and self.keeps_attributes(now.path))

    @cached_property
    def sets(self) -> Mapping[SetName, Sequence[bytes]]:
        """What is to be copied, by the sets that are kept together."""
        found: dict[SetName, list[bytes]] = {}
        for path in self.seen.plan.copies:
            for name in self.run.kept_together.sets_of(path):
                found.setdefault(name, []).append(path)
        return found

    def is_left_out(self, path: bytes) -> bool:
        return path in self.stale or path in self.failed

    def in_step(self, path: bytes) -> bool:
        """Whether the record goes on saying that both sides have this path alike."""
        verdict = self.seen.verdicts.get(path)
        alike = verdict is None or verdict.outcome in (Outcome.IN_STEP, Outcome.COPY)
        return alike and self.is_recorded(path)

    def is_recorded(self, path: bytes) -> bool:
        """Whether the clone has this path as the record says, or will say."""
        if path in self.seen.comparison.own or path in self.gone or self.is_left_out(path):
            return False
        candidate = self.seen.comparison.candidates.get(path)
        outcome = self.seen.verdicts[path].outcome if candidate else None
        same = candidate is None or candidate.clone == candidate.clone_then
        return same or outcome in (Outcome.IN_STEP, Outcome.COPY)


def look_around(work: Work) -> None:
    """Note how all that moves along with the copy is before it, and what attributes it has."""
    seen, plan = work.seen, work.seen.plan
    touched = [*plan.copies, *(c.path for c in (*plan.clearings, *plan.deletions))]
    links = seen.comparison.clone_links
    names = links.names_of_all(touched) if links else set()
    around = moves_along(touched, names, work.run.pair.volumes)
    work.around = seen.clone.finder.select(around)
    before = {path: Entry.parse(line) for path, line in work.around.items()}
    for candidate in (*plan.copies.values(), *plan.clearings, *plan.deletions):
        there = candidate.clone
        if there is not None and there.moves_along:
            before[candidate.path] = there
    for path, entry in before.items():
        with suppress(OSError):  # what cannot be told is left alone
            if work.on_clone(path) == entry:
                work.attributes[path] = digests(absolute(work.run.trees.clone.root, path))
