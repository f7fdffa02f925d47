"""What is said about account files that differ."""

from __future__ import annotations

import pytest

from drdwrap.actions.accounts_apart import MERGE, how_to_settle
from drdwrap.inventory.accounts import Accounts

ROOT = {b"0": b"root", b"65534": b"nobody"}


def accounts(users: dict[bytes, bytes], groups: dict[bytes, bytes] | None = None) -> Accounts:
    return Accounts({**ROOT, **users}, groups or {})


def test_accounts_of_packages_alone_are_named_with_their_sides() -> None:
    told = how_to_settle(
        accounts({b"101": b"postfix"}, {b"102": b"postfix", b"103": b"postdrop"}),
        accounts({b"101": b"redis"}),
    )
    assert "postdrop, postfix on the booted system only; redis on the clone only" in told
    assert "make those of the clone on the booted system" in told
    assert "drdwrap accept" in told


def test_nothing_has_to_be_made_where_only_the_booted_system_has_more() -> None:
    told = how_to_settle(accounts({b"101": b"postfix"}), accounts({}))
    assert "postfix on the booted system only." in told
    assert "make those of the clone" not in told


@pytest.mark.parametrize("number", [b"1000", b"65533", b"odd"])
def test_with_a_persons_account_they_are_to_be_merged(number: bytes) -> None:
    assert how_to_settle(accounts({number: b"dora"}), accounts({b"101": b"redis"})) == MERGE


def test_without_a_difference_in_names_they_are_to_be_merged() -> None:
    assert how_to_settle(accounts({}), accounts({})) == MERGE
    assert how_to_settle(accounts({b"65534": b"nobody"}), accounts({})) == MERGE
