"""Fifth criterion: owners that have another name on the clone.

Packages draw numbers for their users on each side separately: the number of one service on one side
can be another's on the other.
"""

from drdwrap.changes.decision_table import Outcome
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.trimming import Trimming


def apply(trimming: Trimming) -> None:
    """Hold what is owned by a number that the clone knows by another name.

    Where the account files themselves are copied the clone will know the booted system's names.
    """
    booted, clone = trimming.booted_accounts, trimming.clone_accounts
    users = {} if _copied(trimming, b"etc/passwd") else _others(booted.users, clone.users)
    groups = {} if _copied(trimming, b"etc/group") else _others(booted.groups, clone.groups)
    if not users and not groups:
        return
    for path, candidate in trimming.candidates.items():
        entry = candidate.booted
        if entry is not None and trimming.outcome(path) is Outcome.COPY:
            reason = users.get(entry.uid) or groups.get(entry.gid)
            if reason:
                trimming.hold(path, Outcome.OWNER, reason)


def _copied(trimming: Trimming, path: bytes) -> bool:
    return trimming.outcome(path) is Outcome.COPY


def _others(booted: dict[bytes, bytes], clone: dict[bytes, bytes]) -> dict[bytes, str]:
    """For each number that both sides know by different names, a sentence that says so."""
    return {
        number: f"its owner's number {for_screen(number)} is {for_screen(name)} on the booted"
        f" system and {for_screen(clone[number])} on the clone"
        for number, name in booted.items()
        if number in clone and clone[number] != name
    }
