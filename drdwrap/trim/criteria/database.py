"""After a `reverse`: the data of databases whose server has another version on the other side."""

from drdwrap.changes.decision_table import Outcome
from drdwrap.trim import databases
from drdwrap.trim.kept_together import database_directory
from drdwrap.trim.trimming import Trimming

_TAKES_FROM_BOOTED = (Outcome.COPY, Outcome.ERASED, Outcome.REPLACED)


def apply(trimming: Trimming) -> None:
    """Hold these directories and all that is in them."""
    if not trimming.after_reversal:
        return
    reasons: dict[bytes, str] = {}
    for path in trimming.candidates:
        directory = database_directory(path)
        if not directory or trimming.outcome(path) not in _TAKES_FROM_BOOTED:
            continue
        if directory not in reasons:
            reasons[directory] = databases.reason(directory, trimming.packages)
        if reasons[directory]:
            trimming.hold(path, Outcome.NONVOLATILE, f"a database's data: {reasons[directory]}")
