"""The fourth criterion: a configuration file is copied if both sides' packages shipped the same."""

from __future__ import annotations

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    changed_on_clone,
    directory,
    edited,
    erased,
    file,
    new,
)
from unit.trim.trimmed import packages, trimming, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.packages.database import Packages, Template
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.criteria import volatile
from drdwrap.trim.trimming import Trimming

CONF = file(b"etc/x.conf")


def of(digest: str, package: str = "tool", *, installed: bool = True) -> Packages:
    """A side whose package has the file."""
    return packages({}, {CONF.path: Template(package, digest, installed)})


NOBODYS = packages()


def applied(
    candidate: Candidate,
    booted: Packages,
    clone: Packages,
    *,
    unreadable: str = "",
    first: Outcome | None = None,
) -> Trimming:
    trimmed = trimming(candidate, packages=PackageSides(booted, clone, unreadable))
    if first is not None:
        trimmed.decide(candidate.path, first, "by the test")
    volatile.apply(trimmed)
    return trimmed


@pytest.mark.parametrize("candidate", [new(CONF), changed(CONF)])
def test_the_same_template_on_both_sides_lets_a_change_over(candidate: Candidate) -> None:
    trimmed = applied(candidate, of("1234"), of("1234", "tool-ng"))
    assert trimmed.outcome(CONF.path) is Outcome.COPY


@pytest.mark.parametrize(
    ("booted", "clone", "named"),
    [
        (of("1234"), of("5678", "tool-ng"), ("1234", "5678", "tool-ng")),
        (of("1234"), NOBODYS, ("of tool", "no package", "clone")),
        (NOBODYS, of("1234"), ("of tool", "no package", "booted system")),
        (of(""), of("1234"), ("tool shipped", "booted system")),
        (of("1234"), of("", "tool-ng"), ("tool-ng shipped", "clone")),
        (of(""), of(""), ("shipped",)),
    ],
)
def test_what_is_not_known_to_have_the_same_template_is_held(
    booted: Packages, clone: Packages, named: tuple[str, ...]
) -> None:
    trimmed = applied(changed(CONF), booted, clone)
    assert trimmed.outcome(CONF.path) is Outcome.VOLATILE
    assert all(part in why(trimmed, CONF.path) for part in named)


@pytest.mark.parametrize("side", ["booted system", "clone"])
def test_a_package_operation_that_is_going_on_leaves_it_open(side: str) -> None:
    busy = packages({}, {CONF.path: Template("tool", "1234")}, busy="apt")
    booted, clone = (busy, of("1234")) if side == "booted system" else (of("1234"), busy)
    trimmed = applied(changed(CONF), booted, clone)
    assert trimmed.outcome(CONF.path) is Outcome.VOLATILE
    assert f"the {side}'s package database is locked by apt" in why(trimmed, CONF.path)


def test_a_database_that_cannot_be_relied_on_leaves_it_open() -> None:
    trimmed = applied(changed(CONF), of("1234"), of("1234"), unreadable="torn")
    assert trimmed.outcome(CONF.path) is Outcome.VOLATILE
    assert "torn" in why(trimmed, CONF.path)


def test_one_installed_package_makes_it_a_configuration_file() -> None:
    left = of("1234", installed=False)
    for booted, clone in ((left, of("1234")), (of("1234"), left)):
        assert volatile.is_configuration(PackageSides(booted, clone), CONF.path)
        assert applied(changed(CONF), booted, clone).outcome(CONF.path) is Outcome.COPY
    for booted, clone in ((left, left), (left, NOBODYS), (NOBODYS, NOBODYS)):
        assert not volatile.is_configuration(PackageSides(booted, clone), CONF.path)


def test_what_a_removed_package_left_is_the_administrators() -> None:
    left, other = of("1234", installed=False), of("5678", installed=False)
    assert applied(changed(CONF), left, other).outcome(CONF.path) is Outcome.COPY
    assert applied(erased(CONF), NOBODYS, left).outcome(CONF.path) is Outcome.ERASED


@pytest.mark.parametrize("first", [Outcome.ERASED, Outcome.REPLACED])
def test_it_is_not_removed_while_a_package_on_the_clone_has_it(first: Outcome) -> None:
    trimmed = applied(erased(CONF), NOBODYS, of("1234"), first=first)
    assert trimmed.outcome(CONF.path) is Outcome.VOLATILE
    assert "of tool on the clone" in why(trimmed, CONF.path)
    left = of("1234", installed=False)
    assert applied(erased(CONF), of("1234"), NOBODYS, first=first).outcome(CONF.path) is first
    assert applied(erased(CONF), of("1234"), left, first=first).outcome(CONF.path) is first


def test_it_is_not_removed_while_the_clones_database_cannot_be_relied_on() -> None:
    trimmed = applied(erased(CONF), of("1234"), NOBODYS, unreadable="torn")
    assert trimmed.outcome(CONF.path) is Outcome.VOLATILE
    assert "torn" in why(trimmed, CONF.path)


def test_a_directory_is_no_configuration_file() -> None:
    here = directory(CONF.path)
    for candidate in (new(here), changed(here, edited(here)), erased(here)):
        trimmed = applied(candidate, of("1234"), of("5678"))
        assert trimmed.outcome(CONF.path) in (Outcome.COPY, Outcome.ERASED)


@pytest.mark.parametrize("candidate", [changed_on_both(CONF), changed_on_clone(CONF)])
def test_what_stays_anyway_keeps_its_verdict(candidate: Candidate) -> None:
    assert why(applied(candidate, of("1234"), of("5678")), CONF.path) == "by the table"


def test_other_files_are_left_to_the_other_criteria() -> None:
    trimmed = applied(changed(file(b"etc/motd")), of("1234"), of("5678"), unreadable="torn")
    assert trimmed.outcome(b"etc/motd") is Outcome.COPY
