"""Commands of the administrator's around a run: as given, without a shell, no lock inherited."""

import os
from collections.abc import Sequence

from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import process
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.result import RunResult

_LONGEST = 64 << 10
"""Bytes of one variable: Linux starts no program that is given one of 128 KiB."""


def run_hooks(when: str, config: Config, command: str, outcome: RunResult | None) -> None:
    """Run the configured hooks of `when` (`before`, `after`, `on_error`) in order.

    What happened is in their environment: see docs/sync.md. DrdwrapError for hooks that cannot be
    started or end with another status than 0: `before` ends at the first of them, the others go on
    with the next, which may start again what `before` has stopped.
    """
    environment = _environment(when, config, command, outcome)
    failed = []
    for hook in getattr(config.hooks, when):
        try:
            _run_hook(when, hook, environment)
        except DrdwrapError as error:
            if when == "before":
                raise
            failed.append(error.message)
    if failed:
        raise DrdwrapError("; ".join(failed))


def _run_hook(when: str, hook: Sequence[str], environment: dict[str, str]) -> None:
    name, *arguments = hook
    finished = process.start(name, arguments, environment=environment, hold_lock=False).wait()
    if finished.status != 0:
        ran = for_screen(os.fsencode(" ".join(hook)))
        said = for_screen(finished.stderr.strip()[-200:])
        raise DrdwrapError(
            f"hooks.{when}: {ran} ended with status {finished.status}"
            + (f": {said}" if said else "")
        )


def _environment(
    when: str, config: Config, command: str, outcome: RunResult | None
) -> dict[str, str]:
    environment = {
        **os.environ,  # the administrator's own: a database's client looks for its settings in HOME
        "PATH": process.search_path(),
        "DRDWRAP_HOOK": when,
        "DRDWRAP_COMMAND": command,
        "DRDWRAP_BOOTED_ROOT": config.booted.root,
        "DRDWRAP_CLONE_ROOT": config.clone.root,
        "DRDWRAP_STATE_DIR": config.state_dir,
    }
    if outcome is not None:
        environment["DRDWRAP_EXIT_STATUS"] = str(outcome.exit_status)
        environment["DRDWRAP_ERROR"] = _cut(outcome.error)
        environment["DRDWRAP_WARNINGS"] = _cut("\n".join(outcome.warnings))
        for name, number in outcome.counts.items():
            environment[f"DRDWRAP_{name.upper()}"] = str(number)
    return environment


def _cut(text: str) -> str:
    """As much of it as a program can be given."""
    return text.encode("utf-8", "surrogateescape")[:_LONGEST].decode("utf-8", "ignore")
