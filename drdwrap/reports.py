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


CONTENTS = "contents_that_differ"
"""The report that `verify --contents` writes: what a disk has not kept."""


def write(directory: bytes, paths: Mapping[Outcome, Iterable[bytes]]) -> None:
    """Replace every report, by an empty one where there is nothing. OSError on a full disk."""
    directories.make(directory)
    files = {}
    for outcome in REPORTS:
        lines = (for_report(b"/" + path) + b"\n" for path in sorted(paths.get(outcome, ())))
        files[outcome.value.encode()] = b"".join(lines)
    durable.write_all(directory, files)


def write_contents(directory: bytes, paths: Iterable[bytes]) -> None:
    """Replace the report of `verify --contents`. OSError on a full disk."""
    directories.make(directory)
    lines = (for_report(b"/" + path) + b"\n" for path in sorted(paths))
    durable.write(directory + b"/" + CONTENTS.encode(), lines)


def names(directory: bytes) -> list[str]:
    """The reports that the last run of each command has left."""
    known = [*(outcome.value for outcome in REPORTS), CONTENTS]
    return [name for name in known if os.path.exists(directory + b"/" + name.encode())]


def read(directory: bytes, name: str) -> list[bytes]:
    """The paths in report `name`: a file's name, or the short one that the counts have.

    DrdwrapError when there is no such report.
    """
    files = {short: outcome.value for outcome, (short, _) in REPORTS.items()}
    file_name = files.get(name, name)
    if file_name in (*files.values(), CONTENTS):
        try:
            path = directory + b"/" + file_name.encode()
            with open(safe_file.open_to_read(path), "rb") as file:
                return [unescaped(line.rstrip(b"\n")) for line in file]
        except FileNotFoundError:
            command = "verify --contents" if name == CONTENTS else "preview"
            raise DrdwrapError(
                f"there is no report {name} yet",
                f"'drdwrap {command}' writes {'it' if name == CONTENTS else 'all of them'}",
            ) from None
    raise DrdwrapError(f"there is no report {name!r}", "'drdwrap report' lists them")
