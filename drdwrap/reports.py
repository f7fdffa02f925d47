r"""The reports: under `state_dir/sync`, one absolute path a line, sorted, whole or not at all.

Backslash and control bytes stand as `\ooo`, so that a line is a path.
"""

import os
from collections.abc import Iterable, Mapping

from drdwrap.changes.decision_table import Outcome
from drdwrap.errors import DrdwrapError
from drdwrap.linux import directories, durable, safe_file
from drdwrap.paths.escaping import for_report, unescaped

REPORTS: dict[Outcome, tuple[str, str]] = {
    Outcome.COPY: ("files_to_be_copied", "to be copied"),
    Outcome.LOCATION: ("non_synced_location", "in a location that is not synchronized"),
    Outcome.TARGET_CHANGED: ("target_changed", "changed on the clone as well"),
    Outcome.NONVOLATILE: ("nonvolatile", "nonvolatile files of a package"),
    Outcome.VOLATILE: ("volatile", "configuration files whose templates differ"),
    Outcome.OWNER: ("owner", "owner has another name on the clone"),
    Outcome.ERASED: ("erased_on_booted_system", "erased on the booted system"),
    Outcome.CLONE_ONLY: ("changed_on_clone_only", "changed on the clone only"),
}
"""For each outcome with a report: its key in the counts, and its title in a table. The outcome's
value is the name of the report's file."""


def write(directory: bytes, paths: Mapping[Outcome, Iterable[bytes]]) -> None:
    """Replace every report, by an empty one where there is nothing. OSError on a full disk."""
    directories.make(directory)
    files = {}
    for outcome in REPORTS:
        lines = (for_report(b"/" + path) + b"\n" for path in sorted(paths.get(outcome, ())))
        files[outcome.value.encode()] = b"".join(lines)
    durable.write_all(directory, files)


def names(directory: bytes) -> list[str]:
    """The reports that the last run has left."""
    return [o.value for o in REPORTS if os.path.exists(directory + b"/" + o.value.encode())]


def read(directory: bytes, name: str) -> list[bytes]:
    """The paths in report `name`: a file's name, or the short one that the counts have.

    DrdwrapError when there is no such report.
    """
    for outcome, (short, _) in REPORTS.items():
        if name in (short, outcome.value):
            try:
                path = directory + b"/" + outcome.value.encode()
                with open(safe_file.open_to_read(path), "rb") as file:
                    return [unescaped(line.rstrip(b"\n")) for line in file]
            except FileNotFoundError:
                raise DrdwrapError(
                    f"there is no report {name} yet", "'drdwrap preview' writes all of them"
                ) from None
    raise DrdwrapError(f"there is no report {name!r}", "'drdwrap report' lists them")
