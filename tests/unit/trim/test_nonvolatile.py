"""The third criterion: what packages own is neither copied, nor removed from the clone."""

from __future__ import annotations

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    erased,
    erased_but_changed_on_clone,
    file,
    in_step,
    new,
)
from unit.trim.trimmed import outcomes, packages, trimming, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.entry import Entry
from drdwrap.packages.database import Packages, Template
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.criteria import nonvolatile

OWNED = {b"usr/x": "tool"}
NONE = packages()
X = file(b"usr/x")


def outcome_of(
    candidate: Candidate,
    booted: Packages = NONE,
    clone: Packages = NONE,
    *,
    unreadable: str = "",
    first: Outcome | None = None,
) -> Outcome:
    """What becomes of one candidate, with a first verdict that is the table's or is given."""
    trimmed = trimming(candidate, packages=PackageSides(booted, clone, unreadable))
    if first is not None:
        trimmed.decide(candidate.path, first, "")
    nonvolatile.apply(trimmed)
    return trimmed.verdicts[candidate.path].outcome


@pytest.mark.parametrize("candidate", [new(X), changed(X)])
def test_a_file_that_a_package_owns_on_either_side_is_not_copied(candidate: Candidate) -> None:
    assert outcome_of(candidate, packages(OWNED), NONE) is Outcome.NONVOLATILE
    assert outcome_of(candidate, NONE, packages(OWNED)) is Outcome.NONVOLATILE
    assert outcome_of(candidate, NONE, packages({b"usr/y": "tool"})) is Outcome.COPY


def test_the_reason_names_the_package_and_the_side() -> None:
    trimmed = trimming(
        new(X),
        new(file(b"usr/y")),
        packages=PackageSides(packages(OWNED), packages({b"usr/y": "other"})),
    )
    nonvolatile.apply(trimmed)
    assert why(trimmed, b"usr/x") == "a file of tool on the booted system"
    assert why(trimmed, b"usr/y") == "a file of other on the clone"


@pytest.mark.parametrize("candidate", [new(directory(b"usr/x")), changed(directory(b"usr/x"))])
def test_a_directory_is_no_packages_own(candidate: Candidate) -> None:
    assert outcome_of(candidate, packages(OWNED), packages(OWNED)) is Outcome.COPY


def test_a_directory_in_the_place_of_a_packages_file_is_not_copied() -> None:
    becomes_directory = changed(X, directory(b"usr/x"))
    assert outcome_of(becomes_directory, NONE, packages(OWNED)) is Outcome.NONVOLATILE
    assert outcome_of(becomes_directory) is Outcome.COPY


def test_a_file_in_the_place_of_a_packages_directory_is_copied() -> None:
    """Whatever is in the directory has its own say."""
    becomes_file = changed(directory(b"usr/x"), X)
    theirs = packages(OWNED, directories=[b"usr/x"])
    assert outcome_of(becomes_file, theirs, theirs) is Outcome.COPY
    assert outcome_of(becomes_file, packages(OWNED), theirs) is Outcome.NONVOLATILE


@pytest.mark.parametrize("first", [Outcome.ERASED, Outcome.REPLACED])
@pytest.mark.parametrize("entry", [X, directory(b"usr/x")])
def test_what_a_package_owns_on_the_clone_is_not_removed(first: Outcome, entry: Entry) -> None:
    candidate = erased(entry)
    theirs = packages(OWNED, directories=[b"usr/x"])
    assert outcome_of(candidate, NONE, theirs, first=first) is Outcome.NONVOLATILE
    assert outcome_of(candidate, theirs, NONE, first=first) is first


@pytest.mark.parametrize("first", [Outcome.ERASED, Outcome.REPLACED])
def test_nothing_is_removed_while_the_clones_database_cannot_be_relied_on(first: Outcome) -> None:
    assert outcome_of(erased(X), unreadable="torn", first=first) is Outcome.NONVOLATILE
    assert outcome_of(changed(X), unreadable="torn") is Outcome.COPY
    trimmed = trimming(erased(X), packages=PackageSides(NONE, NONE, "torn"))
    nonvolatile.apply(trimmed)
    assert why(trimmed, b"usr/x") == "a package on the clone may own it: torn"


@pytest.mark.parametrize("side", ["booted", "clone"])
@pytest.mark.parametrize("candidate", [changed(X), erased(X)])
def test_a_configuration_file_is_left_to_the_next_criterion(
    candidate: Candidate, side: str
) -> None:
    theirs = packages(OWNED, {b"usr/x": Template("tool", "1234")})
    booted, clone = (theirs, NONE) if side == "booted" else (NONE, theirs)
    first = outcome_of(candidate)
    assert outcome_of(candidate, booted, clone) is first


def test_what_a_removed_package_left_is_no_configuration_file() -> None:
    left = packages(OWNED, {b"usr/x": Template("tool", "1234", installed=False)})
    assert outcome_of(changed(X), left, left) is Outcome.NONVOLATILE


@pytest.mark.parametrize(
    "candidate",
    [in_step(X), changed_on_both(X), changed_on_clone(X), erased_but_changed_on_clone(X)],
)
def test_what_stays_anyway_keeps_its_verdict(candidate: Candidate) -> None:
    theirs = packages(OWNED)
    assert outcome_of(candidate, theirs, theirs, unreadable="torn") is outcome_of(candidate)


def test_what_scripts_write_is_held_where_the_packages_differ() -> None:
    trimmed = trimming(
        changed(file(b"etc/alternatives/vi")),
        erased(file(b"etc/alternatives/ex")),
        new(directory(b"etc/alternatives/d")),
        changed(file(b"etc/motd")),
        packages=PackageSides(NONE, packages(installed=frozenset({("tool", "2")}))),
    )
    nonvolatile.apply(trimmed)
    assert outcomes(trimmed) == {
        b"etc/alternatives/vi": Outcome.NONVOLATILE,
        b"etc/alternatives/ex": Outcome.NONVOLATILE,
        b"etc/alternatives/d": Outcome.COPY,
        b"etc/motd": Outcome.COPY,
    }
