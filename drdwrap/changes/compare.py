"""From two scans and the record to the candidates: every path that is not plainly in step."""

import os
from collections.abc import Collection, Iterable, Set
from contextlib import suppress
from dataclasses import dataclass, field, replace

from drdwrap.changes.candidate import Candidate, Change, change
from drdwrap.changes.difference import Difference, difference
from drdwrap.changes.links import LinkGroups, linked_alike
from drdwrap.inventory import storage
from drdwrap.inventory.entry import NEVER_SEEN, Entry
from drdwrap.inventory.hidden import digests, hidden_difference
from drdwrap.inventory.scan import Inventory
from drdwrap.inventory.storage import is_linked
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute, parent
from drdwrap.paths.patterns import PatternList
from drdwrap.record.intent import Intent, is_work_of
from drdwrap.record.store import Record

_HARD_LINKS = "hard links"
"""What differs where a file has other names on one side than on the other."""


@dataclass
class Comparison:
    """What the scans say against the record.

    `booted` and `clone` hold the lines that differ from the record's. `unknown` are recorded
    paths about which this run knows nothing (excluded, or unreadable): the record keeps them. `own`
    are paths that only the clone has and the record does not.
    """

    booted: Difference
    clone: Difference
    candidates: dict[bytes, Candidate]
    own: frozenset[bytes]
    unknown: frozenset[bytes]
    booted_links: LinkGroups | None = field(default=None)
    clone_links: LinkGroups | None = field(default=None)


def compare(
    booted: Inventory,
    clone: Inventory,
    record: Record | None,
    intent: Intent | None,
    excluded: PatternList,
    locations: PatternList,
    trees: Trees,
    pair: Pair,
) -> Comparison:
    """Find the candidates. Reads a tree only to tell a cut-off run's work from the clone's."""
    here = difference(booted.storage, record.booted if record else storage.EMPTY)
    there = difference(clone.storage, record.clone if record else storage.EMPTY)
    if record is None:
        _settle_twins(here, there, booted, locations, trees)
    changed = here.now.keys() | here.then.keys() | there.then.keys()
    ours = _left_by_cut_off_run(intent, there, trees) if intent else _Ours()
    own = frozenset(there.now.keys() - changed - ours.put.keys())
    unknown = {path for path in changed if excluded.cover(path)}
    if not (booted.is_complete and clone.is_complete):
        unknown |= {path for path in changed if not (booted.knows(path) and clone.knows(path))}
    affected = (changed | ours.put.keys()) - unknown
    links = _links(here, there, booted, clone, pair)
    names = {name for side in links or () for name in side.names_of_all(affected)}
    candidates = _candidates(affected, names, pair.volumes, here, there, booted, clone, ours)
    return Comparison(here, there, candidates, own, frozenset(unknown), *(links or ()))


def _links(
    here: Difference, there: Difference, booted: Inventory, clone: Inventory, pair: Pair
) -> tuple[LinkGroups, LinkGroups] | None:
    """Both sides' hard links, if any line that differs has some."""
    differing = (lines for found in (here, there) for lines in (found.now, found.then))
    if any(is_linked(line) for lines in differing for line in lines.values()):
        return LinkGroups(booted, pair), LinkGroups(clone, pair)
    return None


@dataclass(frozen=True)
class _Ours:
    """The clone's lines of paths that a cut-off run has put there or begun to, and of those where
    it moved nothing but times."""

    put: dict[bytes, bytes] = field(default_factory=dict)
    touched: dict[bytes, bytes] = field(default_factory=dict)


def _settle_twins(
    here: Difference, there: Difference, booted: Inventory, uncompared: PatternList, trees: Trees
) -> None:
    """Without a record, take as in step what both sides have alike in every way.

    That is nearly everything, so it is done at once, without a candidate for each. What is in a
    place that is `uncompared`, or has several names, or may still change, is left to the rest.
    """
    for path in list(here.now):
        line, other = here.now[path], there.now.get(path)
        if other is None or line.rsplit(b" ", 3)[0] != other.rsplit(b" ", 3)[0]:
            continue
        entry = Entry.parse(line)
        if (entry.links > 1 and not entry.is_directory) or booted.is_unsettled(entry.ctime):
            continue
        if uncompared.cover(path):
            continue
        with suppress(OSError):
            pair = absolute(trees.booted.root, path), absolute(trees.clone.root, path)
            if hidden_difference(*pair) == "":
                del here.now[path], there.now[path]


def _candidates(
    affected: Set[bytes],
    linked_names: Set[bytes],
    volumes: Iterable[bytes],
    here: Difference,
    there: Difference,
    booted: Inventory,
    clone: Inventory,
    ours: _Ours,
) -> dict[bytes, Candidate]:
    # A side that is as the record has it is not among the differences: its lines are fetched.
    in_record = here.then.keys() | there.then.keys()
    same_here = {p for p in affected if p not in here.now and p not in here.then and p in in_record}
    same_there = {
        p for p in affected if p not in there.now and p not in there.then and p in in_record
    }
    booted.finder.learn(here.now, here.positions)
    booted.finder.learn_absent((affected | here.then.keys()) - here.now.keys() - same_here)
    booted_same = booted.finder.select(same_here)
    # What moves along with a copy is needed then: fetching it now saves another pass.
    around = moves_along(affected, linked_names, volumes)
    clone.finder.learn(there.now, there.positions)
    clone.finder.learn_absent((affected | there.then.keys()) - there.now.keys() - same_there)
    fetched = clone.finder.select(same_there | around if affected else set())
    clone_same = {path: line for path, line in fetched.items() if path in same_there}
    candidates = {}
    for path in affected:
        booted_now = here.now.get(path) or booted_same.get(path)
        clone_now = there.now.get(path) or clone_same.get(path)
        booted_then = here.then.get(path) or booted_same.get(path)
        clone_then = there.then.get(path) or clone_same.get(path)
        if path in ours.put:
            booted_then = clone_then = ours.put[path]
        elif path in ours.touched:
            clone_then = ours.touched[path]
        candidate = Candidate(
            path, _entry(booted_now), _entry(booted_then), _entry(clone_now), _entry(clone_then)
        )
        if path in ours.put and candidate.booted_then:
            candidate = replace(candidate, booted_then=never_seen(candidate.booted_then))
        candidates[path] = candidate
    return candidates


def moves_along(
    paths: Iterable[bytes], linked_names: Iterable[bytes], volumes: Iterable[bytes]
) -> set[bytes]:
    """What gets another change time when these paths are made or removed: the directories that
    hold them, all names of the files of theirs that have several, and each volume's root."""
    return {parent(path) for path in paths}.union(linked_names, volumes)


def never_seen(entry: Entry) -> Entry:
    """A booted entry for the record that no file is like: whatever is there now is a change."""
    return entry._replace(type=NEVER_SEEN)


def _entry(line: bytes | None) -> Entry | None:
    return Entry.parse(line) if line is not None else None


def _left_by_cut_off_run(intent: Intent, there: Difference, trees: Trees) -> _Ours:
    ours = _Ours()
    for path, attributes in intent.touched.items():
        line, then = there.now.get(path), there.then.get(path)
        if line and then and change(Entry.parse(line), Entry.parse(then)) is Change.TOUCHED:
            with suppress(OSError):
                if attributes.fit(digests(absolute(trees.clone.root, path))):
                    ours.touched[path] = line
    for put in intent.puts:
        line = there.now.get(put.entry.path)
        then = there.then.get(put.entry.path)
        ours_it_is = line and is_work_of(put, Entry.parse(line), _entry(then), trees.clone.root)
        if line and ours_it_is and not _has_others_attributes(put.entry, intent, trees):
            ours.put[put.entry.path] = line
    return ours


def _has_others_attributes(meant: Entry, intent: Intent, trees: Trees) -> bool:
    """Whether a directory that the run found on the clone has neither the attributes it had then
    nor those it was to get."""
    allowed = intent.touched.get(meant.path)
    if allowed is None or not meant.is_directory:
        return False
    try:
        return not allowed.fit(digests(absolute(trees.clone.root, meant.path)))
    except OSError:
        return True


def look_closer(comparison: Comparison, paths: Collection[bytes], trees: Trees) -> None:
    """Settle, by contents and attributes, those of `paths` that lstat leaves open."""
    for path in paths:
        candidate = comparison.candidates[path]
        if candidate.needs_look:
            found = _look(comparison, candidate, trees)
            comparison.candidates[path] = replace(candidate, hidden=found)


def look_at_links(comparison: Comparison, paths: Collection[bytes]) -> None:
    """Note those of `paths` whose file has other names on one side than on the other. The scan
    tells that: nothing is read."""
    here, there = comparison.booted_links, comparison.clone_links
    if here is None or there is None:
        return
    for path in paths:
        candidate = comparison.candidates[path]
        both = candidate.booted is not None and candidate.clone is not None
        if both and not linked_alike(path, here, there, lambda _: True):
            comparison.candidates[path] = replace(candidate, hidden=_HARD_LINKS)


def _look(comparison: Comparison, candidate: Candidate, trees: Trees) -> str:
    path = candidate.path
    try:
        found = hidden_difference(
            absolute(trees.booted.root, path), absolute(trees.clone.root, path)
        )
    except OSError as error:
        return f"unreadable: {os.strerror(error.errno or 0)}"
    return found or ("" if _linked_alike(comparison, candidate) else _HARD_LINKS)


def _linked_alike(comparison: Comparison, candidate: Candidate) -> bool:
    booted, clone = candidate.booted, candidate.clone
    assert booted is not None
    assert clone is not None
    if booted.is_directory or (booted.links == 1 and clone.links == 1):
        return True
    assert comparison.booted_links is not None
    assert comparison.clone_links is not None
    # A name that one side has not is a change by itself, and says nothing of this one.
    return linked_alike(
        candidate.path,
        comparison.booted_links,
        comparison.clone_links,
        lambda path: _on_both_sides(comparison, path),
    )


def _on_both_sides(comparison: Comparison, path: bytes) -> bool:
    if path in comparison.own:
        return False
    candidate = comparison.candidates.get(path)
    return candidate is None or (candidate.booted is not None and candidate.clone is not None)


def find_excluded(comparison: Comparison, excluded: PatternList, trees: Trees) -> None:
    """Add to the clone's own what is excluded below directories that may have to go.

    The scan has not entered it; a directory that holds it must stay all the same.
    """
    found = set()
    for path, candidate in comparison.candidates.items():
        booted, clone = candidate.booted, candidate.clone
        goes = booted is None or not booted.is_directory
        if clone is not None and clone.is_directory and goes:
            with suppress(OSError):  # then it cannot be emptied either, and that is reported
                for name in os.listdir(absolute(trees.clone.root, path)):
                    child = absolute(path, name)
                    if excluded.cover(child):
                        found.add(child)
    comparison.own |= found


def erased_share(comparison: Comparison, recorded: int) -> float:
    """The part of the record's paths that the booted system no longer has, 0 to 1."""
    erased = sum(
        1
        for c in comparison.candidates.values()
        if change(c.booted, c.booted_then) is Change.ERASED
    )
    return erased / recorded if recorded else 0.0
