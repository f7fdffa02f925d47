"""What was decided about a path, and why; and what the criteria decide by."""

from dataclasses import dataclass, field

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.locations import Locations


@dataclass(frozen=True, slots=True)
class Verdict:
    outcome: Outcome
    reason: str


@dataclass
class Trimming:
    """All candidates and the verdicts so far. A criterion changes verdicts, nothing else.

    `own` are the paths that only the clone has and the record does not know. `deletions` is false
    when what was erased on the booted system stays on the clone. `packages` is what the package
    databases say of all that is copied or removed. `held` counts what was held so far.
    """

    candidates: dict[bytes, Candidate]
    verdicts: dict[bytes, Verdict]
    own: frozenset[bytes]
    locations: Locations
    kept_together: KeptTogether
    deletions: bool
    booted_accounts: Accounts
    clone_accounts: Accounts
    packages: PackageSides = field(default_factory=PackageSides)
    held: int = 0

    def outcome(self, path: bytes) -> Outcome | None:
        verdict = self.verdicts.get(path)
        return verdict.outcome if verdict else None

    def hold(self, path: bytes, outcome: Outcome, reason: str) -> None:
        self.verdicts[path] = Verdict(outcome, reason)
        self.held += 1
