"""A copy under way: the plan, and what has happened so far."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from drdwrap.inventory.entry import Entry, look_at
from drdwrap.opening import Run
from drdwrap.outcome import Outcome as RunOutcome
from drdwrap.rsync.run import Copied
from drdwrap.survey import Survey
from drdwrap.trim.table import Outcome
from drdwrap.volumes.pair import ancestors


@dataclass
class Work:
    """One run's copy.

    `booted` and `clone` are the entries, right before the copy and as the scan saw it, of all that
    moves along with what is copied: directories, and other names of linked files. `gone` was
    removed for good, `cleared` to make way. `stale` is left alone because the clone changed since
    the scan, `failed` could not even be looked at; both by path, with the reason.
    """

    run: Run
    seen: Survey
    outcome: RunOutcome
    booted: dict[bytes, Entry] = field(default_factory=dict)
    clone: dict[bytes, Entry] = field(default_factory=dict)
    copied: Copied = field(default_factory=Copied)
    swapped: frozenset[bytes] = frozenset()
    unsteady: frozenset[bytes] = frozenset()
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
    """Note how all that moves along with the copy is before it."""
    seen, plan = work.seen, work.seen.plan
    touched = [*plan.copies, *(c.path for c in (*plan.clearings, *plan.deletions))]
    around = directories_above(touched) | {b"", *work.run.pair.volumes}
    if seen.comparison.clone_links is not None:
        around |= seen.comparison.clone_links.names_of_all(touched)
    lines = seen.clone.finder.select(around)
    work.clone.update((path, Entry.parse(line)) for path, line in lines.items())
    work.booted.update((path, entry) for path in around if (entry := work.on_booted(path)))


def directories_above(paths: Iterable[bytes]) -> set[bytes]:
    """All directories above any of these paths, but the root."""
    return {directory for path in paths for directory in ancestors(path)}
