"""How the last run of each command ended, kept in one file for `status`.

What is not understood in it is left out, and a note says so: no run depends on it.
"""

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from drdwrap import kept_json
from drdwrap.exit_status import SUCCESS, WARNING
from drdwrap.linux import clock, durable, safe_file
from drdwrap.paths.escaping import for_screen

_MOST = 100
"""Warnings that are kept of a run."""

Results = dict[str, dict[str, Any]]
"""By command or occasion. Each has `ended` (a date) and `exit_status`, and mostly also `started`,
`error`, `counts`, `bytes_to_be_copied`, `warnings` and `last_success` (a date or None)."""


def read(path: bytes) -> tuple[Results, str]:
    """The results in the file at `path`, and a note about what was left out; empty for nothing."""
    name = for_screen(path)
    try:
        kept = kept_json.fields(kept_json.parsed(safe_file.contents(path)))
    except FileNotFoundError:
        return {}, ""
    except OSError as error:
        return {}, _note(name, error.strerror or str(error))
    except ValueError as error:
        return {}, _note(name, str(error))
    results, wrong = {}, {}
    for command, result in kept.items():
        try:
            results[kept_json.text(command, "a name")] = _checked(result)
        except ValueError as error:
            wrong[for_screen(command.encode("utf-8", "replace"))] = error
    said = "; ".join(f"{command}: {error}" for command, error in wrong.items())
    return results, _note(name, said) if said else ""


def write(path: bytes, result: Mapping[str, Any], *names: str) -> None:
    """Keep the result of a run under these names, and the date of the last success of each.

    OSError on a full disk.
    """
    results, _ = read(path)
    good = last_success(result)
    for name in names:
        before = last_success(results.get(name, {}))
        results[name] = {**result, "last_success": good or before}
    durable.write(path, [json.dumps(results, indent=1).encode() + b"\n"])


def keep(
    path: bytes, name: str, started: str, status: int, warnings: Sequence[str], **more: str
) -> None:
    """Keep how a command ended that began at the date `started`, and has ended now. On a full disk
    nothing is kept: the log and the exit status have to do."""
    kept = {
        "started": started,
        "ended": clock.now(),
        "exit_status": status,
        "warnings": list(warnings[:_MOST]),
        **more,
    }
    with suppress(OSError):
        write(path, kept, name)


def last_success(result: Mapping[str, Any]) -> str | None:
    """The date at which a command last succeeded, from the result of its last run; or None."""
    if result.get("exit_status") in (SUCCESS, WARNING):
        return str(result["ended"])
    return result.get("last_success")


def _note(name: str, why: str) -> str:
    return (
        f"{name} is damaged ({why}): how those runs ended is not known, and the next run of each"
        " notes it again"
    )


def _checked(value: object) -> dict[str, Any]:
    """The result of one command. ValueError if it is not understood."""
    result = dict(kept_json.fields(value))
    for name in ("started", "ended", "last_success"):
        may_lack = name != "ended" and result.get(name) is None
        if not (may_lack or clock.is_date(result.get(name))):
            raise ValueError(f"{name} is not a date")
    kept_json.number(result.get("exit_status"), "exit_status")
    kept_json.number(result.get("bytes_to_be_copied", 0), "bytes_to_be_copied")
    kept_json.text(result.get("error", ""), "error")
    kept_json.texts(result.get("warnings", []), "warnings")
    for name, count in kept_json.fields(result.get("counts", {})).items():
        kept_json.number(count, kept_json.text(name, "a name in counts"))
    return result
