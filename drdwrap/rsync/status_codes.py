"""What rsync's exit statuses mean to a run (rsync(1), EXIT VALUES), as data."""

from dataclasses import dataclass
from enum import Enum


class Meaning(Enum):
    DONE = "done"
    PARTIAL = "partial"
    """Some files may not have arrived: each is looked at."""
    CUT_OFF = "cut off"
    """rsync ended before it had gone through its list."""


@dataclass(frozen=True)
class Status:
    meaning: Meaning
    text: str


_PROCESS_LOST = (
    "one of rsync's processes ended before the others: it was killed or crashed, for lack of memory"
    " for example; 'dmesg' may say so"
)

_STATUSES = {
    0: Status(Meaning.DONE, "success"),
    1: Status(Meaning.CUT_OFF, "rsync did not understand its options"),
    2: Status(Meaning.CUT_OFF, "protocol incompatibility"),
    3: Status(Meaning.CUT_OFF, "errors selecting input or output files"),
    4: Status(Meaning.CUT_OFF, "the installed rsync lacks a feature (ACLs or attributes?)"),
    10: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    11: Status(Meaning.CUT_OFF, "error in file I/O: the clone may be full or failing"),
    12: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    13: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    14: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    15: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    16: Status(Meaning.CUT_OFF, _PROCESS_LOST),
    19: Status(Meaning.CUT_OFF, "rsync was ended by a signal"),
    20: Status(Meaning.CUT_OFF, "rsync was ended by a signal"),
    22: Status(Meaning.CUT_OFF, "out of memory"),
    23: Status(Meaning.PARTIAL, "some files could not be transferred"),
    24: Status(Meaning.PARTIAL, "some files vanished while they were copied"),
    25: Status(Meaning.PARTIAL, "rsync's own limit of deletions"),
    30: Status(Meaning.CUT_OFF, "timeout"),
}


def status_of(code: int) -> Status:
    """The status for an exit code, or for minus the number of the signal that ended rsync."""
    if code < 0 or code > 128:
        return Status(Meaning.CUT_OFF, "rsync was killed")
    return _STATUSES.get(code, Status(Meaning.CUT_OFF, f"rsync ended with status {code}"))
