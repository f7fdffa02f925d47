"""The third criterion's first part: what belongs to packages that only one side has is carried over
in neither direction.

A purge on the booted system takes nothing from the clone, and a purge on the clone is not undone by
the booted system's copy.
"""

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.paths.escaping import for_screen
from drdwrap.trim.criteria import volatile
from drdwrap.trim.one_sided import CLONE, of_candidates
from drdwrap.trim.trimming import Trimming

_REMOVALS = (Outcome.ERASED, Outcome.REPLACED)
_SYSTEM = 1000
"""Numbers of users and groups below this are for services (SYS_UID_MAX of login.defs(5) is 999)."""


def apply(trimming: Trimming) -> None:
    """Hold what belongs to such packages, and the accounts that those of the clone need."""
    sides = trimming.packages
    if not (sides.unreadable or any(sides.only)):
        return
    one_sided = of_candidates(trimming.candidates, sides)
    for path, candidate in trimming.candidates.items():
        outcome = trimming.outcome(path)
        if outcome is not Outcome.COPY and outcome not in _REMOVALS:
            continue
        if _is_a_packages_file(trimming, candidate):
            continue
        if why := one_sided.reason(candidate):
            trimming.hold(path, Outcome.NONVOLATILE, why)
            trimming.one_sided.add(path)
    _hold_accounts(trimming)


def _is_a_packages_file(trimming: Trimming, candidate: Candidate) -> bool:
    """Whether it is held as that, whichever sides have the package."""
    sides, path = trimming.packages, candidate.path
    entries = (candidate.booted, candidate.clone)
    if any(entry is not None and entry.is_directory for entry in entries):
        return False
    if volatile.is_configuration(sides, path):
        return False
    if candidate.booted is None:
        return path in sides.clone.owners
    return any(side.owner_of_file(path) for side in (sides.booted, sides.clone))


def _hold_accounts(trimming: Trimming) -> None:
    """Hold the account files if copying them would take an account from the clone that a package
    there has made: a purge on the booted system has removed it."""
    booted, clone = trimming.booted_accounts, trimming.clone_accounts
    made = trimming.packages.made[CLONE]
    for path, here, there in (
        (b"etc/passwd", booted.users, clone.users),
        (b"etc/group", booted.groups, clone.groups),
    ):
        if trimming.outcome(path) is not Outcome.COPY:
            continue
        for name in sorted(set(there.values()).difference(here.values())):
            package = made.package_that_names(name) if _is_system(there, name) else ""
            if package:
                reason = (
                    f"it would take the account {for_screen(name)} from the clone, which"
                    f" {package} needs there; the booted system has neither"
                )
                trimming.hold(path, Outcome.NONVOLATILE, reason)
                break


def _is_system(names: dict[bytes, bytes], name: bytes) -> bool:
    numbers = [number for number, other in names.items() if other == name]
    return any(number.isdigit() and int(number) < _SYSTEM for number in numbers)
