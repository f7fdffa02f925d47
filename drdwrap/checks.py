"""Preconditions as data: what was checked, what was found, and the remedy."""

from collections.abc import Iterable
from dataclasses import dataclass

from drdwrap.errors import RefusedError


@dataclass(frozen=True)
class Check:
    """One precondition. `remedy` says what to do if `ok` is false."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def refuse_unless(checks: Iterable[Check]) -> None:
    """RefusedError that names every check that failed, and what to do about each."""
    failed = [check for check in checks if not check.ok]
    if failed:
        reasons = [f"check failed: {check.name} ({check.found})" for check in failed]
        raise RefusedError("; ".join(reasons), "; ".join(check.remedy for check in failed))
