"""The preconditions of a sync, as data: what was looked at, the verdict, and the remedy."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """One precondition. `remedy` says what to do where `ok` is false."""

    name: str
    ok: bool
    found: str
    remedy: str = ""
