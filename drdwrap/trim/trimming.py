"""What the criteria decide by, and the verdicts that they have reached so far."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from drdwrap.changes.candidate import Candidate
from drdwrap.changes.decision_table import Outcome
from drdwrap.inventory.accounts import Accounts
from drdwrap.packages.sides import PackageSides
from drdwrap.trim.kept_together import KeptTogether
from drdwrap.trim.locations import Locations


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a path, and why."""

    outcome: Outcome
    reason: str


@dataclass
class Trimming:
    """All candidates and their verdicts so far. A criterion changes verdicts, by `hold` alone.

    `own` are the paths that only the clone has and the record does not know. `deletions` is false
    when what was erased on the booted system stays on the clone. `packages` is what the package
    databases say of all that is copied or removed. `held` counts how often something was held.
    `one_sided` are paths that were held because only one side has their package. `after_reversal`:
    the roles were exchanged at least once, so the clone may have the older servers.
    """

    candidates: Mapping[bytes, Candidate]
    own: frozenset[bytes]
    locations: Locations
    kept_together: KeptTogether
    deletions: bool
    booted_accounts: Accounts
    clone_accounts: Accounts
    verdicts: dict[bytes, Verdict] = field(default_factory=dict)
    packages: PackageSides = field(default_factory=PackageSides)
    held: int = 0
    one_sided: set[bytes] = field(default_factory=set)
    after_reversal: bool = False

    def outcome(self, path: bytes) -> Outcome | None:
        """What becomes of a path as it stands now; None if it is no candidate."""
        verdict = self.verdicts.get(path)
        return verdict.outcome if verdict else None

    def decide(self, path: bytes, outcome: Outcome, reason: str) -> None:
        """Reach the first verdict of a path."""
        self.verdicts[path] = Verdict(outcome, reason)

    def hold(self, path: bytes, outcome: Outcome, reason: str) -> None:
        """Hold a path back, with this outcome."""
        self.verdicts[path] = Verdict(outcome, reason)
        self.held += 1

    def erased(self) -> int:
        """How many paths were erased on the booted system and are to go from the clone."""
        return sum(1 for verdict in self.verdicts.values() if verdict.outcome is Outcome.ERASED)
