"""A copy that is about to be made between two real trees, with as much of a plan as is needed."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import cast

from unit.entries import PAIR, inventory, trees

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.compare import Comparison
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.difference import Difference
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.entry import Entry, entry_at
from drdwrap.inventory.scan import Inventory
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.arithmetic import absolute
from drdwrap.sync.begin import Run
from drdwrap.sync.determine import Determined
from drdwrap.sync.job import Job, job_of
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
        sets: Iterable[Sequence[bytes]] = (),
        without_links: bool = False,
    ) -> Job:
        """The job that copies these, and removes the others in the order given."""
        candidates = {path: self.candidate(path) for path in (*copied, *removed)}
        verdicts = {path: Verdict(Outcome.COPY, "") for path in copied}
        verdicts |= {path: Verdict(Outcome.ERASED, "") for path in removed}
        together = KeptTogether.of(list(sets))
        booted, clone = (_seen(side.root) for side in (self.trees.booted, self.trees.clone))
        links = LinkGroups(booted, PAIR), LinkGroups(clone, PAIR)
        made = plan.make(candidates, verdicts, PAIR, True, links, together)
        made = replace(made, deletions=tuple(candidates[path] for path in removed))
        nothing = Difference({}, {}, {})
        comparison = Comparison(nothing, nothing, candidates, frozenset(), frozenset(), *links)
        found = comparison, candidates, verdicts, made
        seen = Determined(booted, clone, *found, 0, 0, (), PackageSides())
        both = replace(self.trees, without_links=without_links)
        run = SimpleNamespace(trees=both, pair=PAIR, kept_together=together)
        return job_of(cast(Run, run), seen)


def _seen(root: bytes) -> Inventory:
    """A tree as a scan sees it."""
    found = [entry_at(root, b"")]
    for directory, directories, files in os.walk(root):
        names = (absolute(directory, name) for name in (*directories, *files))
        found += [entry_at(root, name[len(root) + 1 :]) for name in names]
    return inventory(*(entry for entry in found if entry is not None))
