"""The order of the criteria: each candidate has one verdict, of the first that applies."""

from __future__ import annotations

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    erased_on_both,
    erased_on_clone,
    file,
    in_step,
    new,
    symlink,
)
from unit.trim.trimmed import outcomes, packages, trimming, undecided, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import REASONS, Outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.packages.database import Template
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.decide import at_stake, trim_by_packages, trim_by_record
from drdwrap.trim.trimming import Trimming

NOTHING = PackageSides(packages(), packages())


def in_every_criterion(candidate: Candidate) -> Trimming:
    """One candidate that all of the criteria could be about."""
    path = candidate.path
    trimmed = undecided(
        candidate,
        locations=["/tmp/*"],
        booted_accounts=Accounts({b"0": b"root"}, {}),
        clone_accounts=Accounts({b"0": b"toor"}, {}),
    )
    trim_by_record(trimmed)
    templates = {b"etc/x.conf": Template("tool", "1")}, {b"etc/x.conf": Template("tool", "2")}
    owners = {path: "tool"} if path != b"srv/x" else {}
    sides = PackageSides(packages(owners, templates[0]), packages(owners, templates[1]))
    trim_by_packages(trimmed, sides)
    return trimmed


@pytest.mark.parametrize(
    ("candidate", "expected"),
    [
        (changed_on_both(file(b"tmp/x")), Outcome.LOCATION),
        (changed(file(b"tmp/x")), Outcome.LOCATION),
        (changed_on_both(file(b"usr/x")), Outcome.TARGET_CHANGED),
        (changed(file(b"usr/x")), Outcome.NONVOLATILE),
        (changed(file(b"etc/x.conf")), Outcome.VOLATILE),
        (changed(file(b"srv/x")), Outcome.OWNER),
        (erased(file(b"usr/x")), Outcome.NONVOLATILE),
        (erased(file(b"srv/x")), Outcome.ERASED),
        (changed_on_clone(file(b"srv/x")), Outcome.CLONE_ONLY),
        (in_step(file(b"srv/x")), Outcome.IN_STEP),
    ],
)
def test_the_first_criterion_that_applies_decides(candidate: Candidate, expected: Outcome) -> None:
    assert outcomes(in_every_criterion(candidate)) == {candidate.path: expected}


def test_each_candidate_begins_with_its_row_of_the_table_and_its_reason() -> None:
    trimmed = undecided(changed(file(b"a")), erased_on_clone(file(b"b")), erased(file(b"c")))
    trim_by_record(trimmed)
    assert outcomes(trimmed) == {
        b"a": Outcome.COPY,
        b"b": Outcome.COPY,
        b"c": Outcome.ERASED,
    }
    assert why(trimmed, b"a") == REASONS[Outcome.COPY]
    assert "erased on the clone" in why(trimmed, b"b")
    assert trimmed.held == 0


def without_record(booted: bytes, clone: bytes) -> Candidate:
    return Candidate(b"a", file(b"a", mtime=booted), None, file(b"a", mtime=clone, size=7), None)


def test_drds_rule_takes_the_newer_one_where_it_is_asked_for() -> None:
    for booted, clone, expected in (
        (b"2.0", b"1.0", Outcome.COPY),
        (b"1.0", b"1.0", Outcome.COPY),
        (b"1.0", b"2.0", Outcome.TARGET_CHANGED),
    ):
        trimmed = undecided(without_record(booted, clone))
        trim_by_record(trimmed, newer=True)
        assert outcomes(trimmed) == {b"a": expected}
        assert ("--adopt newer" in why(trimmed, b"a")) == (expected is Outcome.COPY)
    trimmed = undecided(without_record(b"2.0", b"1.0"))
    trim_by_record(trimmed)
    assert outcomes(trimmed) == {b"a": Outcome.TARGET_CHANGED}


def test_drds_rule_is_about_nothing_that_the_table_decides_otherwise() -> None:
    trimmed = undecided(changed_on_clone(file(b"a")), erased(file(b"b")), in_step(file(b"c")))
    trim_by_record(trimmed, newer=True)
    assert outcomes(trimmed) == {
        b"a": Outcome.CLONE_ONLY,
        b"b": Outcome.ERASED,
        b"c": Outcome.IN_STEP,
    }


@pytest.mark.parametrize(
    "candidate",
    [
        new(file(b"a")),
        changed(file(b"a")),
        erased_on_clone(file(b"a")),
        changed(file(b"a"), directory(b"a")),
        changed(directory(b"a"), symlink(b"a")),
        erased(file(b"a")),
        erased(directory(b"a")),
        new(directory(b"a")),
        changed(directory(b"a")),
        erased_on_clone(directory(b"a")),
    ],
)
def test_packages_have_a_say_about_what_is_copied_or_removed(candidate: Candidate) -> None:
    assert at_stake(trimming(candidate)) == {b"a"}


@pytest.mark.parametrize(
    "candidate",
    [
        in_step(file(b"a")),
        in_step(directory(b"a")),
        changed_on_clone(file(b"a")),
        changed_on_both(file(b"a")),
        erased_on_both(file(b"a")),
    ],
)
def test_packages_have_none_about_what_stays(candidate: Candidate) -> None:
    assert at_stake(trimming(candidate)) == set()


def test_packages_have_a_say_about_what_goes_with_its_directory() -> None:
    trimmed = undecided(changed(directory(b"d"), symlink(b"d")), erased(file(b"d/x")))
    trim_by_record(trimmed)
    assert trimmed.outcome(b"d/x") is Outcome.REPLACED
    assert at_stake(trimmed) == {b"d", b"d/x"}


def test_what_a_package_keeps_keeps_its_set_and_the_directories_above() -> None:
    trimmed = undecided(
        erased(directory(b"d")),
        erased(file(b"d/x")),
        changed(file(b"e/a.db")),
        changed(file(b"e/a.db-wal")),
        changed(file(b"f")),
    )
    trim_by_record(trimmed)
    owners = {b"d/x": "tool", b"e/a.db-wal": "tool"}
    trim_by_packages(trimmed, PackageSides(packages(), packages(owners)))
    assert outcomes(trimmed) == {
        b"d": Outcome.TARGET_CHANGED,
        b"d/x": Outcome.NONVOLATILE,
        b"e/a.db": Outcome.TARGET_CHANGED,
        b"e/a.db-wal": Outcome.NONVOLATILE,
        b"f": Outcome.COPY,
    }


def test_accounts_that_a_package_holds_leave_their_owners_unknown() -> None:
    """What another criterion has held by then is not copied: the fifth goes by what is left."""
    trimmed = undecided(
        changed(edited(file(b"etc/passwd"))),
        new(file(b"srv/x", uid=b"7")),
        booted_accounts=Accounts({b"7": b"a"}, {}),
        clone_accounts=Accounts({b"7": b"b"}, {}),
    )
    trim_by_record(trimmed)
    trim_by_packages(trimmed, PackageSides(packages({b"etc/passwd": "base"}), packages()))
    assert outcomes(trimmed)[b"srv/x"] is Outcome.OWNER


def test_what_has_another_owner_keeps_its_set_too() -> None:
    trimmed = undecided(
        changed(file(b"a.db")),
        new(file(b"a.db-wal", uid=b"7")),
        booted_accounts=Accounts({b"7": b"a"}, {}),
        clone_accounts=Accounts({b"7": b"b"}, {}),
    )
    trim_by_record(trimmed)
    trim_by_packages(trimmed, NOTHING)
    assert outcomes(trimmed) == {
        b"a.db": Outcome.TARGET_CHANGED,
        b"a.db-wal": Outcome.OWNER,
    }


def test_what_is_to_be_erased_is_counted_as_long_as_nothing_holds_it() -> None:
    trimmed = undecided(
        *(erased(file(path)) for path in (b"a", b"b", b"usr/x")),
        changed(file(b"c")),
        changed(directory(b"d"), symlink(b"d")),
        erased(file(b"d/x")),
    )
    trim_by_record(trimmed)
    assert trimmed.erased() == 3
    trim_by_packages(trimmed, PackageSides(packages(), packages({b"usr/x": "tool"})))
    assert trimmed.erased() == 2


def test_where_packages_hold_nothing_everything_stays_as_it_was() -> None:
    trimmed = undecided(changed(file(b"a")), erased(file(b"b")))
    trim_by_record(trimmed)
    before = dict(trimmed.verdicts)
    trim_by_packages(trimmed, NOTHING)
    assert trimmed.verdicts == before
    assert trimmed.packages is NOTHING
