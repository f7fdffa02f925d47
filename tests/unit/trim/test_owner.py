"""The fifth criterion: a number that the clone knows by another name owns nothing new there."""

from __future__ import annotations

import pytest
from unit.entries import changed, changed_on_both, erased, file, in_step, new
from unit.trim.trimmed import outcomes, undecided, why

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.trim.criteria import owner
from drdwrap.trim.decide import trim_by_record
from drdwrap.trim.trimming import Trimming

BOOTED = Accounts(
    {b"0": b"root", b"101": b"postgres", b"102": b"mysql"}, {b"0": b"root", b"201": b"ssl"}
)
CLONE = Accounts(
    {b"0": b"root", b"101": b"mysql", b"103": b"postgres"}, {b"0": b"root", b"201": b"tls"}
)
POSTGRES = file(b"srv/a", uid=b"101")
SSL = file(b"srv/b", gid=b"201")


def applied(*candidates: Candidate) -> Trimming:
    trimmed = undecided(*candidates, booted_accounts=BOOTED, clone_accounts=CLONE)
    trim_by_record(trimmed)
    owner.apply(trimmed)
    return trimmed


def test_what_is_owned_by_another_on_the_clone_is_not_copied() -> None:
    trimmed = applied(new(POSTGRES), changed(SSL), new(file(b"srv/c")))
    assert outcomes(trimmed) == {
        b"srv/a": Outcome.OWNER,
        b"srv/b": Outcome.OWNER,
        b"srv/c": Outcome.COPY,
    }
    for name in ("101", "postgres", "mysql"):
        assert name in why(trimmed, b"srv/a")
    for name in ("201", "ssl", "tls"):
        assert name in why(trimmed, b"srv/b")


@pytest.mark.parametrize("number", [b"102", b"103", b"999"])
def test_a_number_that_one_side_does_not_know_is_no_others(number: bytes) -> None:
    trimmed = applied(new(file(b"srv/a", uid=number, gid=number)))
    assert trimmed.outcome(b"srv/a") is Outcome.COPY


def test_users_and_groups_are_not_mixed_up() -> None:
    trimmed = applied(new(file(b"srv/a", uid=b"201", gid=b"101")))
    assert trimmed.outcome(b"srv/a") is Outcome.COPY


def test_the_booted_owner_counts_and_not_the_clones() -> None:
    was_postgres = changed(POSTGRES, file(b"srv/a", uid=b"0", size=11))
    becomes_postgres = changed(file(b"srv/b"), file(b"srv/b", uid=b"101"))
    assert outcomes(applied(was_postgres, becomes_postgres)) == {
        b"srv/a": Outcome.COPY,
        b"srv/b": Outcome.OWNER,
    }


def test_accounts_that_are_copied_bring_their_names_along() -> None:
    users = applied(new(POSTGRES), new(SSL), changed(file(b"etc/passwd")))
    assert users.outcome(b"srv/a") is Outcome.COPY
    assert users.outcome(b"srv/b") is Outcome.OWNER
    groups = applied(new(POSTGRES), new(SSL), changed(file(b"etc/group")))
    assert groups.outcome(b"srv/a") is Outcome.OWNER
    assert groups.outcome(b"srv/b") is Outcome.COPY
    both = applied(
        new(POSTGRES), new(SSL), changed(file(b"etc/passwd")), changed(file(b"etc/group"))
    )
    assert set(outcomes(both).values()) == {Outcome.COPY}


def test_accounts_that_stay_as_the_clone_has_them_bring_nothing() -> None:
    trimmed = applied(new(POSTGRES), changed_on_both(file(b"etc/passwd")))
    assert trimmed.outcome(b"srv/a") is Outcome.OWNER


def test_what_is_not_copied_keeps_its_verdict() -> None:
    trimmed = applied(changed_on_both(POSTGRES), erased(SSL), in_step(file(b"srv/c", uid=b"101")))
    assert outcomes(trimmed) == {
        b"srv/a": Outcome.TARGET_CHANGED,
        b"srv/b": Outcome.ERASED,
        b"srv/c": Outcome.IN_STEP,
    }
