"""Whatever happened on both sides: what the verdicts make of the clone is a tree, with all that was
changed there as it is, and what belongs together together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hypothesis import given
from hypothesis import strategies as st
from unit.entries import directory, edited, file, symlink
from unit.trim.trimmed import packages, undecided

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.arithmetic import parent
from drdwrap.trim.decide import trim_by_packages, trim_by_record
from drdwrap.trim.trimming import Trimming

PATHS = (b"a", b"a/a", b"a/a/a", b"a/a/b", b"a/b", b"a-", b"b", b"b/a", b"b/a/a", b"b/b")
Tree = Mapping[bytes, Entry]


def kinds(path: bytes) -> tuple[Entry | None, ...]:
    """What there can be at a path."""
    here = directory(path)
    return None, here, here, edited(here), file(path), edited(file(path)), symlink(path)


@st.composite
def trees(draw: st.DrawFn, before: Tree | None = None) -> Tree:
    """A tree, or another one after some changes: what is in it lies in directories."""
    tree: dict[bytes, Entry] = {}
    for path in PATHS:
        if parent(path) and not (parent(path) in tree and tree[parent(path)].is_directory):
            continue
        if before is None or draw(st.integers(0, 3)) == 0:
            entry = draw(st.sampled_from(kinds(path)))
        else:
            entry = before.get(path)
        if entry is not None:
            tree[path] = entry
    return tree


@dataclass(frozen=True)
class Situation:
    """Both sides now, what drdwrap had put, and what is configured."""

    record: Tree
    booted: Tree
    clone: Tree
    sets: list[list[str]]
    deletions: bool

    def trimmed(self) -> Trimming:
        """What becomes of all that differs from the record."""
        known = self.record.keys() | self.booted.keys()
        candidates = (self._candidate(path) for path in known)
        trimmed = undecided(
            *(c for c in candidates if not (c.booted == c.booted_then == c.clone)),
            own=self.clone.keys() - known,
            sets=self.sets,
            deletions=self.deletions,
        )
        trim_by_record(trimmed)
        return trimmed

    def _candidate(self, path: bytes) -> Candidate:
        booted, clone, then = (t.get(path) for t in (self.booted, self.clone, self.record))
        alike = booted is not None and clone is not None and booted.visible == clone.visible
        return Candidate(path, booted, then, clone, then, hidden="" if alike else None)

    def afterwards(self, trimmed: Trimming) -> Tree:
        """The clone after a sync that does what the verdicts say."""
        tree = dict(self.clone)
        for path, verdict in trimmed.verdicts.items():
            if verdict.outcome is Outcome.COPY:
                tree[path] = self.booted[path]
            elif verdict.outcome is Outcome.REPLACED or (
                verdict.outcome is Outcome.ERASED and self.deletions
            ):
                tree.pop(path, None)
        return tree

    def changed_on_clone(self) -> set[bytes]:
        """What drdwrap has not put as it is: the clone's own work."""
        return {
            path
            for path, entry in self.clone.items()
            if entry != self.record.get(path) and entry != self.booted.get(path)
        }


@st.composite
def situations(draw: st.DrawFn) -> Situation:
    record = draw(trees())
    pattern = st.sampled_from(["/" + path.decode() for path in PATHS])
    return Situation(
        record,
        draw(trees(record)),
        draw(trees(record)),
        draw(st.lists(st.lists(pattern, min_size=2, max_size=3), max_size=2)),
        draw(st.booleans()),
    )


def check(now: Situation, trimmed: Trimming) -> None:
    after = now.afterwards(trimmed)
    for path in after:
        assert not parent(path) or after[parent(path)].is_directory
    for path in now.changed_on_clone():
        assert after.get(path) == now.clone[path]
    taken, kept = set(), set()
    for path, verdict in trimmed.verdicts.items():
        sets = set(trimmed.kept_together.sets_of(path))
        if after.get(path) != now.clone.get(path):
            taken |= sets
        if verdict.outcome in (Outcome.TARGET_CHANGED, Outcome.CLONE_ONLY, Outcome.NONVOLATILE):
            kept |= sets
    for path in trimmed.own:
        kept |= set(trimmed.kept_together.sets_of(path))
    assert taken.isdisjoint(kept)


@given(situations())
def test_a_sync_leaves_a_tree_with_the_clones_changes_and_no_set_in_halves(now: Situation) -> None:
    check(now, now.trimmed())


@given(situations(), st.sets(st.sampled_from(PATHS)))
def test_the_same_where_packages_own_some_of_it_and_that_stays_too(
    now: Situation, owned: set[bytes]
) -> None:
    trimmed = now.trimmed()
    owners = dict.fromkeys(owned, "tool")
    trim_by_packages(trimmed, PackageSides(packages(), packages(owners)))
    check(now, trimmed)
    after = now.afterwards(trimmed)
    for path in owned & now.clone.keys():
        assert path in after
        if not (now.clone[path].is_directory and after[path].is_directory):
            assert after[path] == now.clone[path]


@given(trees(), st.data())
def test_a_clone_that_nobody_has_changed_becomes_what_the_booted_system_is(
    record: Tree, data: st.DataObject
) -> None:
    now = Situation(record, data.draw(trees(record)), record, sets=[], deletions=True)
    assert now.afterwards(now.trimmed()) == now.booted


@given(situations())
def test_trimming_twice_holds_no_more(now: Situation) -> None:
    trimmed = now.trimmed()
    held = trimmed.held
    trim_by_packages(trimmed, PackageSides(packages(), packages()))
    assert trimmed.held == held
