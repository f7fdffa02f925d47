"""Candidates with the verdicts of the decision table, for one criterion to be applied to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome, outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.packages.database import Packages, Template
from drdwrap.packages.sides import PackageSides
from drdwrap.paths.patterns import PatternList
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.locations import Locations
from drdwrap.trim.trimming import Trimming

NOBODY = Accounts({}, {})


def undecided(
    *candidates: Candidate,
    own: Iterable[bytes] = (),
    locations: Sequence[str] = (),
    sets: Sequence[Sequence[str]] = (),
    deletions: bool = True,
    booted_accounts: Accounts = NOBODY,
    clone_accounts: Accounts = NOBODY,
) -> Trimming:
    """These candidates, without a verdict yet."""
    patterns = PatternList.of(map(str.encode, locations))
    return Trimming(
        {candidate.path: candidate for candidate in candidates},
        frozenset(own),
        Locations({p.text: "a reason" for p in patterns.patterns}, (), patterns),
        KeptTogether.of([[text.encode() for text in texts] for texts in sets]),
        deletions,
        booted_accounts,
        clone_accounts,
    )


def trimming(
    *candidates: Candidate,
    own: Iterable[bytes] = (),
    sets: Sequence[Sequence[str]] = (),
    deletions: bool = True,
    packages: PackageSides | None = None,
) -> Trimming:
    """These candidates, each with the verdict of the decision table."""
    result = undecided(*candidates, own=own, sets=sets, deletions=deletions)
    for candidate in candidates:
        result.decide(candidate.path, outcome(candidate), "by the table")
    result.packages = packages or PackageSides()
    return result


def outcomes(trimmed: Trimming) -> dict[bytes, Outcome]:
    return {path: verdict.outcome for path, verdict in trimmed.verdicts.items()}


def why(trimmed: Trimming, path: bytes) -> str:
    return trimmed.verdicts[path].reason


INSTALLED = frozenset({("tool", "1")})


def packages(
    owners: dict[bytes, str] | None = None,
    templates: dict[bytes, Template] | None = None,
    *,
    installed: frozenset[tuple[str, str]] = INSTALLED,
    directories: Iterable[bytes] = (),
    written: Iterable[bytes] = (),
    busy: str = "",
) -> Packages:
    """One side's answer: the same packages on both sides unless the test says otherwise."""
    return Packages(
        installed, owners or {}, frozenset(directories), templates or {}, frozenset(written), busy
    )
