"""Files that are kept together: all of a set is taken from the booted system, or nothing."""

from __future__ import annotations

from itertools import permutations

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_on_clone,
    file,
    in_step,
    new,
    symlink,
)
from unit.trim.trimmed import outcomes, trimming, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.trim.criteria import target_changed

DB, WAL, JOURNAL = b"srv/a.db", b"srv/a.db-wal", b"srv/a.db-journal"


@pytest.mark.parametrize(
    ("other", "stays"),
    [
        (changed_on_both(file(WAL)), Outcome.TARGET_CHANGED),
        (changed_on_clone(file(WAL)), Outcome.CLONE_ONLY),
    ],
)
def test_a_member_that_changed_on_the_clone_holds_the_others(
    other: Candidate, stays: Outcome
) -> None:
    trimmed = trimming(
        changed(file(DB)),
        new(file(JOURNAL)),
        other,
        changed(file(b"srv/b.db")),
        in_step(file(b"s")),
    )
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {
        DB: Outcome.TARGET_CHANGED,
        JOURNAL: Outcome.TARGET_CHANGED,
        WAL: stays,
        b"srv/b.db": Outcome.COPY,
        b"s": Outcome.IN_STEP,
    }
    assert "/srv/a.db-wal" in why(trimmed, DB)
    assert why(trimmed, WAL) == "by the table"


@pytest.mark.parametrize("by", [Outcome.NONVOLATILE, Outcome.VOLATILE, Outcome.OWNER])
def test_a_member_that_another_criterion_holds_holds_the_others(by: Outcome) -> None:
    trimmed = trimming(changed(file(DB)), changed(file(WAL)), erased(file(JOURNAL)))
    trimmed.hold(WAL, by, "a reason of its own")
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {
        DB: Outcome.TARGET_CHANGED,
        WAL: by,
        JOURNAL: Outcome.TARGET_CHANGED,
    }
    assert why(trimmed, WAL) == "a reason of its own"


def test_the_reason_is_the_same_in_whatever_order_the_candidates_are() -> None:
    """They come from a set, whose order is another one in each process."""
    pieces = [changed_on_both(file(WAL)), changed_on_clone(file(JOURNAL)), changed(file(DB))]
    more = [changed_on_both(file(b"etc/%s" % name)) for name in (b"shadow", b"group", b"subuid")]
    candidates = [*pieces, *more, changed(file(b"etc/passwd"))]
    own = [b"srv/b.db-wal", b"srv/b.db-journal", b"srv/b.db-shm"]
    reasons = set()
    for order in permutations(range(len(candidates))):
        trimmed = trimming(*(candidates[n] for n in order), new(file(b"srv/b.db")), own=own)
        target_changed.apply(trimmed)
        reasons.add(tuple(why(trimmed, path) for path in (DB, b"etc/passwd", b"srv/b.db")))
    ((database, accounts, with_own),) = reasons
    assert database.startswith("kept together with /srv/a.db-journal, which")
    assert accounts.startswith("kept together with /etc/group, which")
    assert with_own.startswith("kept together with /srv/b.db-journal, which")


@pytest.mark.parametrize(
    "other",
    [Outcome.IN_STEP, Outcome.FORGOTTEN, Outcome.LOCATION, Outcome.NOT_COMPARED, Outcome.OWN],
)
def test_a_member_that_says_nothing_about_the_clone_holds_nothing(other: Outcome) -> None:
    trimmed = trimming(changed(file(DB)), in_step(file(WAL)))
    trimmed.decide(WAL, other, "")
    assert not target_changed.hold_sets(trimmed)
    assert outcomes(trimmed)[DB] is Outcome.COPY


def test_a_journal_that_only_the_clone_has_holds_its_database() -> None:
    trimmed = trimming(changed(file(DB)), changed(file(b"srv/b.db")), own=[JOURNAL, b"srv/mine"])
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {DB: Outcome.TARGET_CHANGED, b"srv/b.db": Outcome.COPY}
    assert "/srv/a.db-journal" in why(trimmed, DB)


def test_a_set_goes_over_whole() -> None:
    trimmed = trimming(changed(file(DB)), erased_on_clone(file(WAL)), erased(file(JOURNAL)))
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {DB: Outcome.COPY, WAL: Outcome.COPY, JOURNAL: Outcome.ERASED}


def test_what_was_to_be_removed_is_held_with_its_set() -> None:
    trimmed = trimming(changed_on_both(file(DB)), erased(file(JOURNAL)))
    target_changed.apply(trimmed)
    assert outcomes(trimmed)[JOURNAL] is Outcome.TARGET_CHANGED


def test_without_deletions_a_set_that_needs_one_is_held_and_the_erased_stays_in_its_report() -> (
    None
):
    trimmed = trimming(changed(file(DB)), erased(file(JOURNAL)), deletions=False)
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {DB: Outcome.TARGET_CHANGED, JOURNAL: Outcome.ERASED}
    assert "/srv/a.db-journal" in why(trimmed, DB)


def test_without_deletions_what_gives_way_with_its_directory_holds_nothing() -> None:
    trimmed = trimming(
        changed(directory(b"srv"), symlink(b"srv")),
        erased(file(WAL)),
        changed(file(b"conf")),
        sets=[["/srv/a.db-wal", "/conf"]],
        deletions=False,
    )
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {
        b"srv": Outcome.COPY,
        WAL: Outcome.REPLACED,
        b"conf": Outcome.COPY,
    }


def test_a_file_in_a_directory_that_gives_way_is_held_with_its_set_and_so_is_the_directory() -> (
    None
):
    trimmed = trimming(
        changed(directory(b"srv"), symlink(b"srv")),
        erased(file(WAL)),
        changed_on_both(file(b"conf")),
        sets=[["/srv/a.db-wal", "/conf"]],
    )
    target_changed.apply(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.TARGET_CHANGED}


def test_a_set_that_is_held_holds_what_lies_below_it_and_the_sets_of_that() -> None:
    """`d` is not made on the clone for the set's sake; what lies in it is in another set."""
    trimmed = trimming(
        changed_on_clone(file(b"x")),
        new(directory(b"d")),
        new(file(b"d/a.db")),
        changed(file(b"y")),
        changed(file(b"z")),
        sets=[["/x", "/d"], ["/d/a.db", "/y"]],
    )
    target_changed.apply(trimmed)
    assert outcomes(trimmed) == {
        b"x": Outcome.CLONE_ONLY,
        b"d": Outcome.TARGET_CHANGED,
        b"d/a.db": Outcome.TARGET_CHANGED,
        b"y": Outcome.TARGET_CHANGED,
        b"z": Outcome.COPY,
    }


def test_one_member_of_two_sets_joins_them() -> None:
    trimmed = trimming(
        changed(file(b"a")),
        changed(file(b"b")),
        changed_on_both(file(b"c")),
        sets=[["/a", "/b"], ["/b", "/c"]],
    )
    target_changed.apply(trimmed)
    assert set(outcomes(trimmed).values()) == {Outcome.TARGET_CHANGED}


def test_accounts_go_over_together() -> None:
    trimmed = trimming(
        changed_on_clone(file(b"etc/passwd")),
        changed(file(b"etc/shadow")),
        changed(file(b"etc/passwd-")),
    )
    target_changed.apply(trimmed)
    assert outcomes(trimmed)[b"etc/shadow"] is Outcome.TARGET_CHANGED
    assert outcomes(trimmed)[b"etc/passwd-"] is Outcome.COPY


def test_it_says_whether_it_held_anything() -> None:
    trimmed = trimming(changed(file(DB)), changed_on_both(file(WAL)))
    assert target_changed.hold_sets(trimmed)
    assert trimmed.held == 1
    assert not target_changed.hold_sets(trimmed)
    assert trimmed.held == 1
    trimmed.decide(DB, Outcome.COPY, "")
    assert target_changed.hold_sets(trimmed)


def test_a_member_of_two_sets_is_held_once() -> None:
    trimmed = trimming(
        changed(file(b"a")),
        changed_on_both(file(b"b")),
        changed_on_both(file(b"c")),
        sets=[["/a", "/b"], ["/a", "/c"]],
    )
    assert target_changed.hold_sets(trimmed)
    assert trimmed.held == 1


def test_a_directory_that_changed_on_the_clone_alone_holds_a_set_too() -> None:
    mine = directory(b"var/lib/mysql")
    trimmed = trimming(
        changed_on_clone(mine, edited(mine)), changed(file(b"var/lib/mysql/ibdata1"))
    )
    target_changed.apply(trimmed)
    assert outcomes(trimmed)[b"var/lib/mysql/ibdata1"] is Outcome.TARGET_CHANGED
