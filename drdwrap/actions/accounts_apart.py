"""How to settle account files that differ, in words."""

from drdwrap.inventory.accounts import Accounts
from drdwrap.paths.escaping import for_screen

_FIRST_OF_PEOPLE = 1000
"""UID_MIN of login.defs(5). Smaller numbers are for the services of packages."""

_NOBODY = 65534

MERGE = (
    "both sides have accounts of their own: make those that are missing on the clone there, with"
    " the same numbers (useradd --root CLONE --uid NUMBER NAME), until the two agree; or erase"
    " all of the clone's account files to have the booted ones"
)


def how_to_settle(booted: Accounts, clone: Accounts) -> str:
    """What it means that the account files of the two sides differ, and what to do."""
    here, there = _missing(booted, clone), _missing(clone, booted)
    if not (here or there) or any(_is_person(number) for _, number in here | there):
        return MERGE
    parts = [
        f"{', '.join(sorted({name for name, _ in some}))} on the {side} only"
        for some, side in ((here, "booted system"), (there, "clone"))
        if some
    ]
    make = "make those of the clone on the booted system with the same numbers, " if there else ""
    return (
        f"only accounts of packages differ: {'; '.join(parts)}. Each side has those that its own"
        " packages need, so the clone is all right; but no user and no password of the booted"
        f" system reaches it until this is settled: {make}run 'drdwrap accept' on the account files"
        " (/etc/passwd, shadow, group, gshadow), and sync. (useradd --root CLONE --uid NUMBER NAME"
        " makes a single account on the clone meanwhile.)"
    )


def _missing(mine: Accounts, others: Accounts) -> set[tuple[str, int]]:
    """Name and number of the users and groups that `others` have not under that name."""
    return {
        (for_screen(name), int(number) if number.isdigit() else _FIRST_OF_PEOPLE)
        for mine_of, others_of in ((mine.users, others.users), (mine.groups, others.groups))
        for number, name in mine_of.items()
        if name not in others_of.values()
    }


def _is_person(number: int) -> bool:
    return number >= _FIRST_OF_PEOPLE and number != _NOBODY
