"""Whatever both sides have and however it is linked: a plan does each copy once, in one way."""

from __future__ import annotations

from collections.abc import Mapping

from hypothesis import given
from hypothesis import strategies as st
from unit.entries import PAIR, inventory

from drdwrap import plan
from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.changes.links import LinkGroups
from drdwrap.inventory.entry import Entry
from drdwrap.plan import Plan
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.trimming import Verdict

NAMES = (b"a", b"b", b"c", b"var/d", b"var/e", b"x.db", b"x.db-wal")
INODES = st.integers(0, 3) | st.none()
"""Of each name's file, or none if that side has no such name."""


def side(inodes: Mapping[bytes, int | None], modes: bytes, types: bytes) -> dict[bytes, Entry]:
    """The entries of one side: what has one inode on one volume is one file."""
    groups: dict[tuple[bytes, int], list[bytes]] = {}
    for name, inode in inodes.items():
        if inode is not None:
            groups.setdefault((PAIR.volume_of(name), inode), []).append(name)
    found = {}
    for (_, inode), paths in groups.items():
        type_ = b"f" if len(paths) > 1 else types[inode : inode + 1]
        mode = b"644" if modes[inode] % 2 else b"600"
        size = 0 if type_ == b"d" else modes[inode] % 3
        for path in paths:
            entry = Entry(
                path, type_, mode, b"0", b"0", size, b"1.0", b"2.0", b"%d" % inode, len(paths)
            )
            found[path] = entry
    return found


SIDES = st.builds(
    side,
    st.fixed_dictionaries(dict.fromkeys(NAMES, INODES)),
    st.binary(min_size=4, max_size=4),
    st.lists(st.sampled_from(b"ffdl"), min_size=4, max_size=4).map(bytes),
)


def links(entries: Mapping[bytes, Entry]) -> LinkGroups:
    return LinkGroups(inventory(*entries.values()), PAIR)


class Case:
    """A plan, and what it was made from."""

    def __init__(self, here: dict[bytes, Entry], there: dict[bytes, Entry], held: set[bytes]):
        self.links = links(here), links(there)
        candidates = {
            path: Candidate(path, entry, None, there.get(path), None)
            for path, entry in here.items()
        }
        verdicts = {
            path: Verdict(Outcome.TARGET_CHANGED if path in held else Outcome.COPY, "")
            for path in candidates
        }
        together = KeptTogether.of([[b"/a", b"/var/d"]])
        self.plan: Plan = plan.make(candidates, verdicts, PAIR, True, self.links, together)


CASES = st.builds(Case, SIDES, SIDES, st.sets(st.sampled_from(NAMES), max_size=2))


@given(CASES)
def test_each_path_is_copied_or_linked_or_set_in_place(case: Case) -> None:
    made = case.plan
    ways = [path for transfer in made.transfers for path in transfer.paths]
    ways += [*made.links, *made.adjustments]
    assert sorted(ways) == sorted(made.copies)


@given(CASES)
def test_what_is_set_in_place_changes_nothing_but_itself(case: Case) -> None:
    booted, clone = case.links
    for path in case.plan.adjustments:
        candidate = case.plan.copies[path]
        assert candidate.booted is not None
        assert candidate.clone is not None
        assert candidate.booted.type == candidate.clone.type
        if not candidate.clone.is_directory:
            assert candidate.booted.size == candidate.clone.size
            assert set(clone.names(path)) <= set(booted.names(path)) & case.plan.copies.keys()


@given(CASES)
def test_a_further_name_is_made_of_a_file_that_is_right_and_stays(case: Case) -> None:
    booted, clone = case.links
    for path, source in case.plan.links.items():
        assert source in case.plan.adjustments
        assert booted.file(path) == booted.file(source)
        assert PAIR.volume_of(path) == PAIR.volume_of(source)
        assert path not in clone.names(source)


@given(CASES)
def test_all_names_of_a_file_become_names_of_one(case: Case) -> None:
    """Those that are copied in one run of rsync: it links what its list has."""
    booted, clone = case.links
    made = case.plan
    for path in made.copies:
        if path not in booted:
            continue
        names = [name for name in booted.names(path) if name in made.copies]
        if made.links.keys().isdisjoint(names) and set(names).isdisjoint(made.adjustments):
            assert sum(set(names) <= set(transfer.paths) for transfer in made.transfers) == 1
        else:
            ends = {
                clone.file(n) if n in clone else n for n in {made.links.get(n, n) for n in names}
            }
            assert len(ends) == 1
