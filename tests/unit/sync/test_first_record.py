"""The first record: what the fill has put, and what of it the next sync has to compare."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from unit.entries import OLD, YOUNG, directory, edited, file, inventory

from drdwrap.changes.candidate import never_seen
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, path_of
from drdwrap.inventory.scan import Inventory
from drdwrap.sync.first_record import Match, match, recorded_booted, recorded_clone

NOTHING: frozenset[bytes] = frozenset()
ALIKE = Match(NOTHING, NOTHING, NOTHING, NOTHING, NOTHING)
A, B, D = file(b"a"), file(b"b"), directory(b"d")


def copied(*entries: Entry) -> list[Entry]:
    """The same on the clone: there they have other inodes, change times and counts of links."""
    return [e._replace(inode=b"99", ctime=b"500.0000000000", links=e.links) for e in entries]


def test_what_looks_alike_is_in_step() -> None:
    more_links = [entry._replace(links=3) for entry in copied(D)]
    assert match(inventory(A, B, D), inventory(*copied(A, B), *more_links), ()) == ALIKE


def test_what_changed_on_the_booted_system_meanwhile_is_like_nothing() -> None:
    (there,) = copied(A)
    for changed in (
        edited(A),
        A._replace(mode=b"600"),
        A._replace(uid=b"1"),
        A._replace(type=b"l"),
    ):
        found = match(inventory(changed, B), inventory(there, *copied(B)), ())
        assert found == Match(
            frozenset({there.line}), frozenset({changed.line}), NOTHING, NOTHING, NOTHING
        )


def test_what_the_clone_lacks_is_missing_if_it_was_there_when_the_copy_began() -> None:
    appeared = file(b"c", ctime=YOUNG)
    found = match(inventory(A, B, appeared), inventory(*copied(A)), ())
    assert found.unmatched == {B.line, appeared.line}
    assert found.absent == {b"b", b"c"}
    assert found.missing == {b"b"}
    assert found.unlike == found.unsettled == NOTHING


def test_what_has_vanished_from_the_booted_system_is_like_nothing() -> None:
    gone, here = copied(A, B)
    found = match(inventory(B), inventory(gone, here), ())
    assert found == Match(frozenset({gone.line}), NOTHING, NOTHING, NOTHING, NOTHING)


def test_what_rsync_complained_about_is_like_nothing_however_it_looks() -> None:
    (there,) = copied(A)
    found = match(inventory(A, B), inventory(there, *copied(B)), [b"a", b"nowhere"])
    assert found == Match(frozenset({there.line}), frozenset({A.line}), NOTHING, NOTHING, NOTHING)


def test_a_young_change_time_is_unsettled_where_both_sides_are_alike() -> None:
    young = A._replace(ctime=YOUNG)
    found = match(inventory(young, B), inventory(*copied(young, B)), ())
    assert found == Match(NOTHING, NOTHING, NOTHING, NOTHING, frozenset({young.line}))
    found = match(inventory(young, B), inventory(*copied(young, B)), [b"a"])
    assert found.unsettled == NOTHING


def test_after_a_complaint_that_names_nothing_all_change_times_are_unsettled() -> None:
    found = match(inventory(A, B), inventory(*copied(A)), (), trusted=False)
    assert found.unsettled == {A.line}
    assert found.unmatched == {B.line}


def recorded(booted: Inventory, matched: Match) -> dict[bytes, Entry]:
    data = b"".join(recorded_booted(booted, matched))
    return {path_of(line): Entry.parse(line) for line in storage.lines(data)}


def test_the_record_has_what_is_on_the_clone_and_as_what_it_was_put() -> None:
    there, gone, here, young_there = copied(A, file(b"gone"), B, file(b"young"))
    young = file(b"young", ctime=YOUNG)
    booted = inventory(edited(A), B, file(b"missing"), young)
    clone = inventory(there, gone, here, young_there)
    assert recorded(booted, match(booted, clone, ())) == {
        b"a": never_seen(there),
        b"gone": never_seen(gone),
        b"b": B,
        b"young": young._replace(ctime=b"0"),
    }
    assert b"".join(recorded_clone(clone)) == clone.storage


ENTRIES = st.lists(
    st.builds(
        lambda path, size, ctime, time: file(path, size=size, ctime=ctime, mtime=time),
        st.sampled_from([b"%d" % number for number in range(8)]),
        st.sampled_from([10, 11]),
        st.sampled_from([OLD, YOUNG]),
        st.sampled_from([OLD, b"200.0000000000"]),
    ),
    unique_by=lambda entry: entry.path,
)


@given(ENTRIES, ENTRIES, st.sets(st.sampled_from([b"%d" % number for number in range(8)])))
def test_both_sides_name_what_the_clone_has_and_only_what_is_alike_is_in_step(
    here: list[Entry], there: list[Entry], failed: set[bytes]
) -> None:
    booted, clone = inventory(*here), inventory(*there)
    matched = match(booted, clone, failed)
    record, on_clone = recorded(booted, matched), {entry.path: entry for entry in there}
    assert record.keys() == on_clone.keys()
    for entry in here:
        path = entry.path
        alike = path in on_clone and on_clone[path].visible == entry.visible
        settled = entry.ctime == OLD
        assert (record.get(path) == entry) == (alike and settled and path not in failed)
        assert (path in matched.absent) == (path not in on_clone)
    assert matched.missing <= matched.absent
