"""What a plain model knows of a pair: which of the clone's paths drdwrap may touch.

The model keeps, for each path, what drdwrap last put on the clone (or found there in step).
A path that differs from that is the clone's change, and no run may touch it; an erased one is
an invitation to copy it again. The model looks at both trees itself and never into drdwrap's
record. Trees are snapshots with change times.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace

from .snapshot import Entry, Tree, differences

NON_SYNCED = b"boot/"


def plain(tree: Tree) -> Tree:
    """Without what moves when some other name comes or goes: change times and hard links."""
    return {path: entry.without("links", "ctime_ns") for path, entry in tree.items()}


@dataclass
class Model:
    put: Tree = field(default_factory=dict)
    """What drdwrap put on the clone, or found in step, path by path."""

    intended: dict[bytes, list[Entry]] = field(default_factory=dict)
    """What runs killed since the last complete one may have been about to put."""

    made: set[bytes] = field(default_factory=set)
    """What runs killed since then may have made where the clone had nothing."""

    left: Tree = field(default_factory=dict)
    """The clone as the last run, killed or not, left it."""

    touched: set[bytes] = field(default_factory=set)
    """The paths that anyone else has touched on the clone since they were last in step, be it
    only their change time: of these drdwrap cannot always tell what has become of them."""

    unsure: set[bytes] = field(default_factory=set)
    """Paths that were alike when a run was killed, or on neither side: it may have recorded this or
    not. One that the clone's administrator has touched, or has made there, may be the clone's own,
    as far as drdwrap can tell."""

    earlier: dict[bytes, list[Entry]] = field(default_factory=dict)
    """What drdwrap had put before both sides made a path alike and a run was killed: its record may
    still say that, and a clone that is back at it has not changed."""

    def recorded(self) -> Tree:
        """What drdwrap must know of."""
        doubtful = self.unsure & self.touched
        return {path: entry for path, entry in self.put.items() if path not in doubtful}

    def look(self, clone: Tree) -> None:
        """Take note, before a run, of what has been done to the clone since the last."""
        for path in clone.keys() | self.left.keys():
            now, then = clone.get(path), self.left.get(path)
            if now is None or then is None or now.ctime_ns != then.ctime_ns:
                self.touched.add(path)

    def changed_on_clone(self, clone: Tree) -> Tree:
        """The paths of the clone that are not as drdwrap put them: no run may touch these."""
        return {
            path: entry
            for path, entry in plain(clone).items()
            if entry != self.put.get(path)
            and entry not in self.earlier.get(path, ())
            and not self._may_be_a_killed_runs(path, entry)
        }

    def _may_be_a_killed_runs(self, path: bytes, entry: Entry) -> bool:
        """While an intent is open, what has the intended time is drdwrap's own, whatever its
        size; a directory has no time to tell it by, and a link or FIFO gets its own last. A
        directory that was there before is told by its attributes."""
        put = None if path in self.made else self.put.get(path)
        return any(
            (entry.kind == "directory" and (not put or entry.xattrs in (put.xattrs, wanted.xattrs)))
            or entry.mtime_ns == wanted.mtime_ns
            or (
                entry.kind in ("fifo", "link") and entry == replace(wanted, mtime_ns=entry.mtime_ns)
            )
            for wanted in self.intended.get(path, ())
        )

    def completed(self, booted: Tree, clone: Tree) -> None:
        """A run has ended: what is now the same on both sides is in step and recorded."""
        here, there = plain(booted), plain(clone)
        for path in self.put.keys() | here.keys():
            if path in there and there[path] == here.get(path):
                self.put[path] = there[path]
            elif path not in there and path not in here:
                self.put.pop(path, None)
            else:
                continue
            self.touched.discard(path)
            self.unsure.discard(path)
            self.earlier.pop(path, None)
        self.intended.clear()
        self.made.clear()
        self.left = clone

    def killed(self, booted: Tree, before: Tree, after: Tree, *, in_doubt: bool) -> None:
        """A run was killed: what it changed on the clone is its own, whole or not.

        ``in_doubt`` when its intent is still open.
        """
        changes = self.changed_on_clone(before)
        here, then, now = plain(booted), plain(before), plain(after)
        for path, wanted in here.items() if in_doubt else ():
            erased = path not in then  # which asks for it
            if path not in changes and (erased or wanted != self.put.get(path)):
                self.intended.setdefault(path, []).append(wanted)
        for path, entry in then.items() if in_doubt else ():
            if before[path].links and path not in changes:  # its other names may move along
                self.intended.setdefault(path, []).append(entry)
        self.made |= here.keys() - then.keys()
        self.unsure |= self.put.keys() - here.keys() - then.keys()
        for path in then.keys() | now.keys():
            if path in now and now[path] == here.get(path) != self.put.get(path):
                if path in changes:
                    self.touched.add(path)  # both have made it alike
                self.unsure.add(path)
                if in_doubt and path in self.put:
                    self.earlier.setdefault(path, []).append(self.put[path])
                self.put[path] = now[path]
            elif path not in changes and then.get(path) != now.get(path):
                if path in now:
                    self.put[path] = now[path]
                else:
                    self.put.pop(path, None)
        self.left = after

    def broken_promises(self, booted: Tree, before: Tree, after: Tree) -> list[str]:
        """Where a run, killed or not, has touched a change made on the clone.

        What only a look at both sides tells (contents, attributes) and both have alike is kept by
        a copy as well.
        """
        changes = self.changed_on_clone(before)
        here, there = plain(booted), plain(after)
        for path in list(changes):
            if there.get(path) == here.get(path) and self._keeps(changes[path], here, path):
                del changes[path]
        left = plain(after)
        return differences(changes, {path: left[path] for path in changes if path in left})

    def _keeps(self, change: Entry, booted: Tree, path: bytes) -> bool:
        """Whether the booted file has all that this change made of what drdwrap put."""
        put = self.put.get(path)
        return (
            put is not None
            and path in booted
            and _to_the_eye(change) == _to_the_eye(put)
            and (change.content, change.xattrs) == (booted[path].content, booted[path].xattrs)
        )

    def held_back_for_nothing(
        self, held: Collection[bytes], booted: Tree, clone: Tree
    ) -> list[bytes]:
        """Paths reported as changed on the clone though nobody has touched them there, nor what
        lies above or below them, nor another name of the same file. What is never removed keeps
        the directory that holds it."""
        kept = {above for path in clone if path.startswith(NON_SYNCED) for above in parents(path)}
        excused = {path for path in held if path in kept or self._excused(path, booted, clone)}
        grown = True
        while grown:  # what lies below a directory that has to stay has to stay, too
            more = {path for path in held if any(above in excused for above in parents(path))}
            grown = not more <= excused
            excused |= more
        return sorted(set(held) - excused)

    def _excused(self, path: bytes, booted: Tree, clone: Tree) -> bool:
        names = {path}
        for tree in (booted, clone, self.left):
            names |= tree[path].links if path in tree else frozenset()
        return any(
            touched == name or touched in parents(name) or name in parents(touched)
            for touched in self.touched
            for name in names
        )


def _to_the_eye(entry: Entry) -> Entry:
    """What lstat shows."""
    return entry.without("content", "xattrs")


def parents(path: bytes) -> list[bytes]:
    parts = path.split(b"/")
    return [b"/".join(parts[:length]) for length in range(1, len(parts))]


def unreported(booted: Tree, clone: Tree, reported: set[bytes], put: Tree) -> list[str]:
    """Differences that stand in no report and are not the clone's own.

    A path only the clone has is its own when drdwrap never put it, and is not looked at where
    nothing is synchronized; what both have there is not looked at more closely than lstat does. A
    difference of hard links alone is told when any name of either group is.
    """
    return [
        line
        for path in sorted(booted.keys() | clone.keys())
        if path not in reported
        and (path in booted or (path in put and not path.startswith(NON_SYNCED)))
        for line in _differences(path, booted, clone, reported)
    ]


def _differences(path: bytes, booted: Tree, clone: Tree, reported: set[bytes]) -> Iterator[str]:
    here, there = booted.get(path), clone.get(path)
    if here and there and path.startswith(NON_SYNCED):
        here, there = _to_the_eye(here), _to_the_eye(there)
    if here and there and plain({path: here}) == plain({path: there}):
        names = here.links | there.links
        if names & reported or any(name not in booted for name in names):
            return
    yield from differences(
        {path: here.without("ctime_ns")} if here else {},
        {path: there.without("ctime_ns")} if there else {},
    )
