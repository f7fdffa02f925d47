"""Preconditions as data: what was checked, what was found, and the remedy."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError, RefusedError, in_words, remedy_for


@dataclass(frozen=True)
class Check:
    """One precondition. `remedy` says what to do if `ok` is false."""

    name: str
    ok: bool
    found: str
    remedy: str = ""


def unanswered(name: str, error: DrdwrapError | OSError, remedy: str = "") -> Check:
    """The check of this name, which could not be made because of this error. `remedy` is for an
    error that does not say what to do about it."""
    if isinstance(error, DrdwrapError):
        return Check(name, False, error.message, error.hint or remedy)
    return Check(name, False, in_words(error), remedy_for(error) or remedy)


def answered(name: str, look: Callable[[], Check]) -> Check:
    """What `look` finds; if it raises DrdwrapError or OSError, that is what was found."""
    try:
        return look()
    except (DrdwrapError, OSError) as error:
        return unanswered(name, error)


def refuse_unless(checks: Iterable[Check]) -> None:
    """RefusedError that names every check that failed, and what to do about each."""
    failed = [check for check in checks if not check.ok]
    if failed:
        reasons = [f"check failed: {check.name} ({check.found})" for check in failed]
        remedies = dict.fromkeys(check.remedy for check in failed if check.remedy)
        raise RefusedError("; ".join(reasons), "; ".join(remedies))
