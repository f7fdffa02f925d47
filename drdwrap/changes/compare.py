"""From two scans and the record to the candidates: every path that is not plainly in step."""

from collections.abc import Iterable, Mapping, Set
from contextlib import suppress
from dataclasses import dataclass, replace

from drdwrap.changes import cut_off
from drdwrap.changes.candidate import Candidate, never_seen
from drdwrap.changes.cut_off import LeftByRun
from drdwrap.changes.difference import Difference, difference
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory import storage
from drdwrap.inventory.beyond_lstat import hidden_difference
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory
from drdwrap.inventory.storage import is_linked
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute, parent
from drdwrap.paths.patterns import PatternList
from drdwrap.record.intent import Intent
from drdwrap.record.store import Record


@dataclass(frozen=True)
class Comparison:
    """What the scans say against the record.

    `booted` and `clone` hold the lines that differ from the record's. `unknown` are recorded
    paths about which this run knows nothing (excluded, or unreadable): the record keeps them. `own`
    are paths that only the clone has and the record does not. The links are None where nothing that
    differs has several names.
    """

    booted: Difference
    clone: Difference
    candidates: Mapping[bytes, Candidate]
    own: frozenset[bytes]
    unknown: frozenset[bytes]
    booted_links: LinkGroups | None = None
    clone_links: LinkGroups | None = None


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
    """Find the candidates.

    The trees are read for two things alone: to tell a cut-off run's work from the clone's, and,
    without a record, to find what both sides have alike.
    """
    here = difference(booted.storage, record.booted if record else storage.EMPTY)
    there = difference(clone.storage, record.clone if record else storage.EMPTY)
    if record is None:
        here, there = _without_identical(here, there, booted, locations, trees)
    changed = here.now.keys() | here.then.keys() | there.then.keys()
    ours = cut_off.left_by(intent, there, trees)
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


def _without_identical(
    here: Difference, there: Difference, booted: Inventory, locations: PatternList, trees: Trees
) -> tuple[Difference, Difference]:
    """Without a record, take as in step what both sides have alike in every way.

    That is nearly everything, so it is done at once, without a candidate for each. What lies in a
    location, has several names, or may still change is left to the rest.
    """
    identical = {
        path
        for path, line in here.now.items()
        if (other := there.now.get(path)) is not None
        and line.rsplit(b" ", 3)[0] == other.rsplit(b" ", 3)[0]
        and _is_identical(Entry.parse(line), booted, locations, trees)
    }
    left = (
        replace(side, now={p: line for p, line in side.now.items() if p not in identical})
        for side in (here, there)
    )
    return next(left), next(left)


def _is_identical(entry: Entry, booted: Inventory, locations: PatternList, trees: Trees) -> bool:
    if (entry.links > 1 and not entry.is_directory) or booted.is_unsettled(entry.ctime):
        return False
    if locations.cover(entry.path):
        return False
    with suppress(OSError):
        both = absolute(trees.booted.root, entry.path), absolute(trees.clone.root, entry.path)
        return hidden_difference(*both) == ""
    return False


def _candidates(
    affected: Set[bytes],
    linked_names: Set[bytes],
    volumes: Iterable[bytes],
    here: Difference,
    there: Difference,
    booted: Inventory,
    clone: Inventory,
    ours: LeftByRun,
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
        booted_then = _entry(here.then.get(path) or booted_same.get(path))
        clone_then = _entry(there.then.get(path) or clone_same.get(path))
        if path in ours.put:
            clone_then = Entry.parse(ours.put[path])
            booted_then = never_seen(clone_then)
        elif path in ours.touched:
            clone_then = Entry.parse(ours.touched[path])
        candidates[path] = Candidate(
            path, _entry(booted_now), booted_then, _entry(clone_now), clone_then
        )
    return candidates


def moves_along(
    paths: Iterable[bytes], linked_names: Iterable[bytes], volumes: Iterable[bytes]
) -> set[bytes]:
    """What gets another change time when these paths are made or removed: the directories that
    hold them, all names of those of their files that have several, and each volume's root."""
    return {parent(path) for path in paths}.union(linked_names, volumes)


def _entry(line: bytes | None) -> Entry | None:
    return Entry.parse(line) if line is not None else None
