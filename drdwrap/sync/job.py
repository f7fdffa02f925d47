"""One copy, as it was planned: what the copy needs to know, and nothing of it changes meanwhile."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import moves_along
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.beyond_lstat import attributes, digests
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.plan import Plan
from drdwrap.sync.begin import Run
from drdwrap.sync.determine import Determined
from drdwrap.sync.ledger import Ledger, PathState
from drdwrap.sync.staging import Staging
from drdwrap.trim.kept_together import KeptTogether, SetName


@dataclass(frozen=True)
class Job:
    """The plan of one copy, and the clone as the scan saw it.

    `around` are the clone's entries of everything that moves along with what is copied:
    directories, and other names of linked files. `attributes` are the digests (see
    `beyond_lstat.digests`) of these, of what is adjusted, and of the directories and linked files
    that are copied or removed themselves, where the clone was as the scan saw it when the copy
    began.
    """

    trees: Trees
    pair: Pair
    plan: Plan
    seen: Determined
    kept_together: KeptTogether
    around: Mapping[bytes, Entry]
    attributes: Mapping[bytes, frozenset[bytes]]

    @property
    def copies(self) -> Mapping[bytes, Candidate]:
        return self.plan.copies

    @cached_property
    def staging(self) -> Staging:
        return Staging(self.trees, self.pair)

    def clone_path(self, path: bytes) -> bytes:
        """The absolute path of the clone's `path`."""
        return absolute(self.trees.clone.root, path)

    def booted_path(self, path: bytes) -> bytes:
        """The absolute path of the booted system's `path`."""
        return absolute(self.trees.booted.root, path)

    def on_clone(self, path: bytes) -> Entry | None:
        """What the clone has at this moment. OSError other than absence is raised."""
        return entry_at(self.trees.clone.root, path)

    def on_booted(self, path: bytes) -> Entry | None:
        """The same for the booted system; what cannot be read is None."""
        try:
            return entry_at(self.trees.booted.root, path)
        except OSError:
            return None

    def is_steady(self, path: bytes) -> bool:
        """Whether the booted path still is what the scan saw; a new link to it is no change."""
        now, planned = self.on_booted(path), self.copies[path].booted
        return (
            now is not None
            and planned is not None
            and now.visible == planned.visible
            and now.inode == planned.inode
        )

    def has_moved(self, path: bytes) -> bool:
        """Whether the booted path's change time is another one than the scan saw: something about
        it has changed, if only an attribute or its number of names."""
        now, planned = self.on_booted(path), self.copies[path].booted
        return now is not None and planned is not None and now.ctime != planned.ctime

    def has_attributes_of_booted(self, path: bytes, there: bytes) -> bool:
        """Whether what is at `there` (absolute) has the extended attributes of the booted path,
        ACLs included. OSError."""
        return attributes(self.booted_path(path)) == attributes(there)

    def note_put(self, ledger: Ledger, path: bytes, state: PathState, why: str = "") -> None:
        """Note in the ledger what the clone has of a path now that it was put. OSError."""
        now = self.on_clone(path)
        moves = now is not None and (now.moves_along or path in self._link_sources)
        ledger.note(path, state, why, now, digests(self.clone_path(path)) if moves else None)

    @cached_property
    def _link_sources(self) -> frozenset[bytes]:
        return frozenset(self.plan.links.values())

    def is_as_before(self, now: Entry, before: Entry) -> bool:
        """Whether the clone's `now` is what it was `before` the copy.

        A directory's times, and a linked file's count and change time, move as the run goes on:
        there only the attributes tell whether anyone else has been at it. OSError when they cannot
        be read.
        """
        return now == before or (is_still(now, before) and self._keeps_attributes(now.path))

    def _keeps_attributes(self, path: bytes) -> bool:
        return path in self.attributes and digests(self.clone_path(path)) == self.attributes[path]

    @cached_property
    def sets(self) -> Mapping[SetName, Sequence[bytes]]:
        """What is to be copied, by the sets that are kept together."""
        found: dict[SetName, list[bytes]] = {}
        for path in self.copies:
            for name in self.kept_together.sets_of(path):
                found.setdefault(name, []).append(path)
        return found

    def is_recorded(self, path: bytes, ledger: Ledger) -> bool:
        """Whether the clone has this path as the record says, or will say."""
        if path in self.seen.comparison.own or ledger.state(path) is PathState.CHANGED:
            return False
        removal = ledger.removals.get(path)
        if removal is not None and removal.state is PathState.REMOVED:
            return False
        candidate = self.seen.candidates.get(path)
        outcome = self.seen.verdicts[path].outcome if candidate else None
        same = candidate is None or candidate.clone == candidate.clone_then
        return same or outcome in (Outcome.IN_STEP, Outcome.COPY)

    def in_step(self, path: bytes, ledger: Ledger) -> bool:
        """Whether the record goes on saying that both sides have this path alike."""
        verdict = self.seen.verdicts.get(path)
        alike = verdict is None or verdict.outcome in (Outcome.IN_STEP, Outcome.COPY)
        failed = ledger.state(path) is PathState.FAILED
        return alike and not failed and self.is_recorded(path, ledger)


def is_still(now: Entry, before: Entry) -> bool:
    """Whether the clone's `now` is what it was, to the eye. The times of a directory, and the
    change time of a file with several names, move as the run goes on."""
    if now == before:
        return True
    return before.moves_along and is_alike(now, before)


def is_alike(now: Entry, before: Entry) -> bool:
    """Whether it is the same file and looks the same; its change time and count may have moved."""
    return now.visible == before.visible and now.inode == before.inode


def job_of(run: Run, seen: Determined) -> Job:
    """The job of a run: notes how everything that moves along with the copy is before it."""
    plan = seen.plan
    removals = (*plan.replaced.values(), *plan.deletions)
    touched = [*plan.copies, *(candidate.path for candidate in removals)]
    links = seen.comparison.clone_links
    names = links.names_of_all(touched) if links else set()
    lines = seen.clone.finder.select(moves_along(touched, names, run.pair.volumes))
    around = {path: Entry.parse(line) for path, line in lines.items()}
    before = dict(around)
    for candidate in (*plan.copies.values(), *removals):
        if candidate.clone is not None and candidate.clone.moves_along:
            before[candidate.path] = candidate.clone
    for path in (*plan.adjustments, *plan.links.values()):
        there = plan.copies[path].clone
        assert there is not None
        before[path] = there
    found = {}
    for path, entry in before.items():
        with suppress(OSError):  # what cannot be told is left alone
            if entry_at(run.trees.clone.root, path) == entry:
                found[path] = digests(absolute(run.trees.clone.root, path))
    return Job(run.trees, run.pair, plan, seen, run.kept_together, around, found)
