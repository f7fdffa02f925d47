"""A copy that is about to be made between two real trees, with as much of a plan as is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

from unit.entries import PAIR, inventory, trees

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.difference import Difference
from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.packages.sides import PackageSides
from drdwrap.plan import Plan
from drdwrap.sync.determine import Determined
from drdwrap.sync.job import Job
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.trimming import Verdict


class Sides:
    """Two trees in a directory of the test's, and the jobs between them as they are now."""

    def __init__(self, place: Path) -> None:
        self.trees = trees(place)
        self.booted, self.clone = place / "booted", place / "clone"

    def write(self, path: str, text: str = "old") -> None:
        """The same file on both sides, in a directory that is made if there is none."""
        for side in (self.booted, self.clone):
            (side / path).parent.mkdir(parents=True, exist_ok=True)
            (side / path).write_text(text)
            os.utime(side / path, (100, 100))

    def on_clone(self, path: bytes) -> Entry | None:
        return entry_at(self.trees.clone.root, path)

    def candidate(self, path: bytes) -> Candidate:
        """A path as it is on both sides now; the clone's is what drdwrap put."""
        booted, clone = entry_at(self.trees.booted.root, path), self.on_clone(path)
        return Candidate(path, booted, None, clone, clone)

    def job(
        self,
        *copied: bytes,
        removed: Sequence[bytes] = (),
        sets: Iterable[Sequence[str]] = (),
        without_links: bool = False,
    ) -> Job:
        """The job that copies these, and removes the others in the order given."""
        copies = {path: self.candidate(path) for path in copied}
        removals = {path: self.candidate(path) for path in removed}
        verdicts = {
            **dict.fromkeys(copies, Verdict(Outcome.COPY, "")),
            **dict.fromkeys(removals, Verdict(Outcome.ERASED, "")),
        }
        plan = Plan(copies, (), (), tuple(removals.values()))
        nothing = Difference({}, {}, {})
        candidates = {**copies, **removals}
        comparison = Comparison(nothing, nothing, candidates, frozenset(), frozenset())
        booted, clone = inventory(), inventory()
        seen = Determined(
            booted, clone, comparison, candidates, verdicts, plan, 0, 0, (), PackageSides()
        )
        root = self.trees.clone.root
        attributes = {p: digests(root + b"/" + p) for p in candidates if self.on_clone(p)}
        both = type(self.trees)(
            self.trees.booted, self.trees.clone, without_links, self.trees.roots
        )
        return Job(both, PAIR, plan, seen, KeptTogether.of(list(sets)), {}, attributes)
