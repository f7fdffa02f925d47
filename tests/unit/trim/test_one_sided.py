"""What belongs to packages that only one side has stays on its side, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
from unit.entries import (
    changed,
    changed_on_both,
    directory,
    erased,
    erased_on_clone,
    file,
    new,
    symlink,
)
from unit.trim.trimmed import outcomes, undecided, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.packages.database import Packages, Template
from drdwrap.packages.made import Made
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.criteria import empty_directory, one_sided
from drdwrap.trim.decide import trim_by_record
from drdwrap.trim.trimming import Trimming

BASE: Mapping[bytes, Sequence[str]] = {b"etc": ["base"], b"var": ["base"], b"usr": ["base"]}


def side(
    *names: str,
    holders: Mapping[bytes, Sequence[str]] | None = None,
    removed: Sequence[str] = (),
    owners: Mapping[bytes, str] | None = None,
    templates: Mapping[bytes, Template] | None = None,
) -> Packages:
    """A side with these packages beside the one that every system has."""
    return Packages(
        frozenset({("base", "1"), *((name, "4.9") for name in names)}),
        owners or {},
        templates=templates or {},
        holders={**BASE, **(holders or {})},
        removed=frozenset(removed),
    )


EXIM = {b"etc/exim4": ["exim4"], b"var/spool/exim4": ["exim4"]}
WITH, WITHOUT = side("exim4", holders=EXIM), side()
ON_BOOTED, ON_CLONE = PackageSides(WITH, WITHOUT), PackageSides(WITHOUT, WITH)
ON_BOTH = PackageSides(WITH, WITH)


def applied(sides: PackageSides, *candidates: Candidate) -> Trimming:
    trimmed = undecided(*candidates)
    trim_by_record(trimmed)
    trimmed.packages = sides
    one_sided.apply(trimmed)
    empty_directory.apply(trimmed)
    return trimmed


def is_held(sides: PackageSides, candidate: Candidate) -> bool:
    return applied(sides, candidate).outcome(candidate.path) is Outcome.NONVOLATILE


CONF = file(b"etc/exim4/mine")


@pytest.mark.parametrize("candidate", [new(CONF), changed(CONF), erased(CONF)])
def test_what_lies_in_the_directory_of_such_a_package_is_held_in_both_directions(
    candidate: Candidate,
) -> None:
    assert is_held(ON_BOOTED, candidate)
    assert is_held(ON_CLONE, candidate)
    assert not is_held(ON_BOTH, candidate)
    assert not is_held(PackageSides(WITHOUT, WITHOUT), candidate)


def test_the_reason_names_the_package_the_place_and_the_side() -> None:
    for sides, where in ((ON_BOOTED, "booted system"), (ON_CLONE, "clone")):
        reason = why(applied(sides, new(CONF)), CONF.path)
        for part in ("/etc/exim4,", "exim4 4.9", f"only the {where}"):
            assert part in reason


def test_it_belongs_to_the_nearest_directory_above_that_belongs_to_anybody() -> None:
    deep = new(file(b"etc/exim4/a/b/mine"))
    assert is_held(ON_BOOTED, deep)
    between = side("exim4", holders={**EXIM, b"etc/exim4/a": ["base"]})
    shared = side(holders={b"etc/exim4/a": ["base"]})
    assert not is_held(PackageSides(between, shared), deep)
    assert not is_held(ON_BOOTED, new(file(b"etc/hosts")))
    assert not is_held(ON_BOOTED, new(file(b"srv/mine")))
    assert not is_held(ON_BOOTED, new(file(b"mine")))


def test_the_directory_itself_is_held() -> None:
    spool = directory(b"var/spool/exim4")
    assert is_held(ON_BOOTED, new(spool))
    assert is_held(ON_CLONE, erased(spool))
    assert not is_held(ON_BOOTED, new(directory(b"var/spool/other")))


def test_a_directory_that_packages_of_both_sides_have_is_shared_whatever_they_are_called() -> None:
    here = side("mariadb-10", holders={b"var/lib/mysql": ["mariadb-10"]})
    there = side("mariadb-11", holders={b"var/lib/mysql": ["mariadb-11"]})
    data = new(file(b"var/lib/mysql/ibdata1"))
    assert not is_held(PackageSides(here, there), data)
    assert is_held(PackageSides(here, side()), data)


def test_a_directory_that_a_package_of_both_sides_has_as_well_is_shared() -> None:
    here = side("exim4", holders={b"etc/default": ["exim4", "base"]})
    assert not is_held(PackageSides(here, side()), new(file(b"etc/default/mine")))


def test_what_stays_anyway_keeps_its_verdict() -> None:
    trimmed = applied(ON_BOOTED, changed_on_both(CONF))
    assert trimmed.outcome(CONF.path) is Outcome.TARGET_CHANGED


def test_a_packages_own_file_is_left_to_the_criterion_for_those() -> None:
    binary = file(b"usr/sbin/exim4")
    owned = side("exim4", holders={binary.path: ["exim4"]}, owners={binary.path: "exim4"})
    assert not is_held(PackageSides(owned, WITHOUT), new(binary))
    assert not is_held(PackageSides(WITHOUT, owned), erased(binary))


def test_a_configuration_file_belongs_to_its_directory() -> None:
    where, path = b"etc/mail.d", b"etc/mail.d/exim4"
    template = {path: Template("exim4", "12")}
    for holder, held in (("base", False), ("exim4", True)):
        holders = {path: ["exim4"], where: [holder]}
        here = side("exim4", holders=holders, owners={path: "exim4"}, templates=template)
        there = side(holders={} if held else {where: ["base"]})
        assert is_held(PackageSides(here, there), new(file(path))) is held


def test_a_directory_of_every_system_is_no_packages_own() -> None:
    """Whatever the databases say, as that of a small system may."""
    for where in (b"etc/logrotate.d", b"etc/cron.d", b"usr/lib/systemd/system", b"var/spool"):
        here = side("exim4", holders={where: ["exim4"]})
        assert not is_held(PackageSides(here, side()), new(file(where + b"/mine")))
    root = side("exim4", holders={b"srv": ["exim4"]})
    assert not is_held(PackageSides(root, side()), new(file(b"srv/mine")))


def test_a_link_to_what_such_a_package_has_is_held() -> None:
    link, unit = b"etc/exim-link", b"usr/lib/exim4/x"
    here = side("exim4", holders={unit: ["exim4"]})
    for target, held in ((unit, True), (b"usr/lib/other", False)):
        sides = PackageSides(here, WITHOUT, targets={link: frozenset({target})})
        assert is_held(sides, new(symlink(link))) is held


def test_what_its_scripts_name_is_held_where_one_side_misses_it() -> None:
    """What is new on the booted system may be anybody's; what a purge took away is not."""
    place = b"var/lib/exim4/queue.db"
    made = (Made(), Made({place: "exim4"}))
    sides = PackageSides(WITHOUT, WITH, made=made)
    assert is_held(sides, erased(file(place)))
    assert not is_held(sides, erased_on_clone(file(place)))  # no purge of the clone's erased it
    other = PackageSides(WITH, WITHOUT, made=(Made({place: "exim4"}), Made()))
    assert is_held(other, erased_on_clone(file(place)))
    assert not is_held(other, erased(file(place)))
    assert not is_held(sides, new(file(place)))
    assert not is_held(sides, changed(file(place)))
    below = PackageSides(WITHOUT, WITH, made=(Made(), Made({b"var/lib/exim4": "exim4"})))
    assert is_held(below, new(file(place)))


def test_a_removed_package_is_one_where_the_other_side_has_purged_it() -> None:
    removed = side(holders=EXIM, removed=["exim4"])
    assert is_held(PackageSides(removed, WITHOUT), new(CONF))
    reason = why(applied(PackageSides(removed, WITHOUT), new(CONF)), CONF.path)
    assert "removed on the booted system and purged on the clone" in reason
    assert not is_held(PackageSides(removed, removed), new(CONF))
    reason = why(applied(PackageSides(removed, WITH), new(CONF)), CONF.path)
    assert "only the clone has installed" in reason


def test_where_the_clones_database_cannot_be_relied_on_what_is_gone_there_is_held() -> None:
    torn = PackageSides(WITH, Packages(), "torn")
    trimmed = applied(torn, new(CONF), new(directory(b"etc/exim4")))
    assert outcomes(trimmed) == {
        CONF.path: Outcome.NONVOLATILE,
        b"etc/exim4": Outcome.NONVOLATILE,
    }
    assert "torn" in why(trimmed, CONF.path)
    assert not is_held(torn, new(CONF))  # the clone has the directory


def test_a_new_directory_with_nothing_else_in_it_is_held_too() -> None:
    link = {b"opt/x/link": frozenset({b"etc/exim4"})}
    sides = PackageSides(WITH, WITHOUT, targets=link)
    made = [new(directory(b"opt")), new(directory(b"opt/x")), new(symlink(b"opt/x/link"))]
    assert set(outcomes(applied(sides, *made)).values()) == {Outcome.NONVOLATILE}
    kept = outcomes(applied(sides, *made, new(file(b"opt/mine"))))
    assert kept[b"opt"] is Outcome.COPY
    assert kept[b"opt/x"] is Outcome.NONVOLATILE
    empty = outcomes(applied(sides, *made, new(directory(b"opt/x/empty"))))
    assert empty[b"opt/x"] is Outcome.COPY


@pytest.mark.parametrize(
    ("number", "named", "held"),
    [
        (b"105", b"adduser Debian-exim", True),
        (b"105", b"", False),
        (b"1000", b"Debian-exim", False),
    ],
)
def test_accounts_stay_where_a_package_of_the_clone_needs_one_that_would_go(
    number: bytes, named: bytes, held: bool
) -> None:
    names = {number: b"Debian-exim"}
    users, groups = Accounts(names, {}), Accounts({}, names)
    for path, there in ((b"etc/passwd", users), (b"etc/group", groups)):
        trimmed = undecided(
            changed(file(path)), booted_accounts=Accounts({}, {}), clone_accounts=there
        )
        trim_by_record(trimmed)
        trimmed.packages = PackageSides(WITHOUT, WITH, made=(Made(), Made({}, {"exim4": named})))
        one_sided.apply(trimmed)
        assert (trimmed.outcome(path) is Outcome.NONVOLATILE) is held
        assert ("exim4 needs" in why(trimmed, path)) is held
