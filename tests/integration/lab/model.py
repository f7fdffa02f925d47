"""What a plain model knows of a pair: which of the clone's paths drdwrap may touch.

The model keeps, for each path, what drdwrap last put on the clone (or found there in step).
A path that differs from that is the clone's change, and no run may touch it; an erased one is
an invitation to copy it again. The model looks at both trees itself and never into drdwrap's
record.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .snapshot import Entry, Tree, differences


def plain(tree: Tree) -> Tree:
    """Without the groups of hard links, which change when some other name comes or goes."""
    return {path: entry.without("links") for path, entry in tree.items()}


@dataclass
class Model:
    put: Tree = field(default_factory=dict)
    """What drdwrap put on the clone, or found in step, path by path."""

    intended: dict[bytes, list[Entry]] = field(default_factory=dict)
    """What runs killed since the last complete one may have been about to put."""

    def changed_on_clone(self, clone: Tree) -> Tree:
        """The paths of the clone that are not as drdwrap put them: no run may touch these."""
        return {
            path: entry
            for path, entry in plain(clone).items()
            if entry != self.put.get(path) and not self._may_be_a_killed_runs(path, entry)
        }

    def _may_be_a_killed_runs(self, path: bytes, entry: Entry) -> bool:
        """While an intent is open, what has the intended time is drdwrap's own, whatever its
        size; a directory has no time to tell it by."""
        return any(
            entry.kind == "directory" or entry.mtime_ns == wanted.mtime_ns
            for wanted in self.intended.get(path, ())
        )

    def completed(self, booted: Tree, after: Tree) -> None:
        """A run has ended: what is now the same on both sides is in step and recorded."""
        booted, after = plain(booted), plain(after)
        for path in self.put.keys() | booted.keys():
            if path in after and after[path] == booted.get(path):
                self.put[path] = after[path]
            elif path not in after and path not in booted:
                self.put.pop(path, None)
        self.intended.clear()

    def killed(self, booted: Tree, before: Tree, after: Tree) -> None:
        """A run was killed: what it changed on the clone is its own, whole or not."""
        booted, before, after = plain(booted), plain(before), plain(after)
        changes = self.changed_on_clone(before)
        for path, wanted in booted.items():
            if path not in changes and wanted != self.put.get(path):
                self.intended.setdefault(path, []).append(wanted)
        for path in before.keys() | after.keys():
            if path in changes or before.get(path) == after.get(path):
                continue
            if path in after:
                self.put[path] = after[path]
            else:
                self.put.pop(path, None)

    def broken_promises(self, before: Tree, after: Tree) -> list[str]:
        """Where a run, killed or not, has touched a change made on the clone."""
        changes = self.changed_on_clone(before)
        left = plain(after)
        return differences(changes, {path: left[path] for path in changes if path in left})


def unreported(booted: Tree, clone: Tree, reported: set[bytes], put: Tree) -> list[str]:
    """Differences that stand in no report and are not the clone's own.

    A path only the clone has is its own when drdwrap never put it. A difference of hard links
    alone is told when any name of either group is.
    """
    missing = []
    for path in sorted(booted.keys() | clone.keys()):
        ours, theirs = booted.get(path), clone.get(path)
        if ours == theirs or path in reported or (ours is None and path not in put):
            continue
        groups = (ours.links if ours else frozenset()) | (theirs.links if theirs else frozenset())
        only_links = ours and theirs and ours.without("links") == theirs.without("links")
        if only_links and (groups & reported or any(name not in booted for name in groups)):
            continue
        missing += differences({path: ours} if ours else {}, {path: theirs} if theirs else {})
    return missing
