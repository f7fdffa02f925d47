"""The administrator's commands around a run. They run without a shell and do not hold the lock."""

import os
from collections.abc import Sequence

from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import process, run_note
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import encoded
from drdwrap.sync.result import RunResult

_LONGEST = 64 << 10
"""Bytes of one variable. Linux refuses to start a program with a variable of 128 KiB."""


def run_hooks(when: str, config: Config, command: str, result: RunResult | None) -> None:
    """Run the configured hooks of `when` (`before`, `after`, `on_error`) in order.

    Their environment tells what happened: see docs/sync.md. DrdwrapError if a hook cannot be
    started or does not end with status 0. The first such hook ends `before`. All hooks of the other
    two lists run, since a later one may start again what `before` has stopped.
    """
    environment = _environment(when, config, command, result)
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


def _run_hook(when: str, hook: Sequence[bytes], environment: dict[str, str]) -> None:
    name, *arguments = hook
    run_note.note(f"running the hook hooks.{when}", for_screen(b" ".join(hook)))
    finished = process.start(
        os.fsdecode(name), arguments, environment=environment, hold_lock=False
    ).wait()
    if finished.status != 0:
        ran = for_screen(b" ".join(hook))
        said = for_screen(finished.stderr.strip()[-200:])
        raise DrdwrapError(
            f"hooks.{when}: {ran} ended with status {finished.status}"
            + (f": {said}" if said else "")
        )


def _environment(
    when: str, config: Config, command: str, result: RunResult | None
) -> dict[str, str]:
    environment = {
        **os.environ,  # the administrator's: a database client finds its settings in HOME
        "PATH": process.search_path(),
        "DRDWRAP_HOOK": when,
        "DRDWRAP_COMMAND": command,
        "DRDWRAP_BOOTED_ROOT": os.fsdecode(config.booted.root),
        "DRDWRAP_CLONE_ROOT": os.fsdecode(config.clone.root),
        "DRDWRAP_STATE_DIR": os.fsdecode(config.state_dir),
    }
    if result is not None:
        environment["DRDWRAP_EXIT_STATUS"] = str(result.exit_status)
        environment["DRDWRAP_ERROR"] = _cut(result.error)
        environment["DRDWRAP_WARNINGS"] = _cut("\n".join(result.warnings))
        for name, number in result.counts.items():
            environment[f"DRDWRAP_{name.upper()}"] = str(number)
    return environment


def _cut(text: str) -> str:
    """As much of `text` as one variable can hold, so that it gets there in UTF-8."""
    cut = encoded(text)[:_LONGEST].decode("utf-8", "ignore")
    return os.fsdecode(cut.encode())
