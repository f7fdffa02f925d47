"""What surrounds every run that writes: lock, log, hooks, the outcome kept for `status`."""

import os
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from drdwrap.actions.hooks import run_hooks
from drdwrap.cli.options import Settings
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, Interrupted, LockHeldError, in_words
from drdwrap.exit_status import ERROR, SUCCESS, WARNING
from drdwrap.install import notice
from drdwrap.log import Log
from drdwrap.pair import layout
from drdwrap.record.state_directory import State
from drdwrap.sync.begin import locked
from drdwrap.sync.result import RunResult

Action = Callable[[Config, State, Log], RunResult]

PERIODIC, SHUTDOWN = OCCASIONS = ("periodic", "shutdown")
"""What runs drdwrap when no administrator does."""

_SAID = "/run/drdwrap/booted-from-clone"
"""There once a periodic run has said since the boot that it has nothing to do."""

_ENDS = {SUCCESS: "succeeded", WARNING: "succeeded with warnings", ERROR: "failed"}


def run(
    settings: Settings,
    command: str,
    title: str,
    action: Action,
    *,
    hooks: bool,
    skip_if_running: bool = False,
    occasion: str | None = None,
) -> RunResult | None:
    """Run `action` under the lock. Returns its outcome, or None if another run was going and
    that was to be no error. Errors are logged, kept as the outcome, and raised again.

    On an `occasion` it is None as well where the clone is what is booted. At shutdown a run that is
    going makes way: its work is done here.
    """
    config, log = settings.load(), settings.log()
    if occasion and layout.of(config).booted_from_clone(config):
        _say_that_there_is_nothing_to_do(log, occasion)
        return None
    try:
        with locked(config, log, take_over=occasion == SHUTDOWN) as state:
            names = [command, occasion] if occasion else [command]
            return _run_locked(config, state, log, names, title, action, hooks, skip_if_running)
    except LockHeldError as error:
        if skip_if_running:
            log.item(f"Skipped: {error.message}.", level=3)
            return None
        raise


def _run_locked(
    config: Config,
    state: State,
    log: Log,
    names: Sequence[str],
    title: str,
    action: Action,
    hooks: bool,
    skip_if_running: bool,
) -> RunResult:
    command = names[0]
    log.begin(title)
    started = time.strftime("%Y-%m-%d %H:%M:%S")
    outcome = RunResult(config.booted.root, config.clone.root)
    status: int | None = None
    skipped = False
    try:
        if hooks:
            run_hooks("before", config, command, None)
        outcome = action(config, state, log)
        if hooks and not outcome.error:
            _after(config, command, outcome)
    except DrdwrapError as error:
        outcome.error = error.message
        # The clone has a lock of its own, for runs with another state directory.
        skipped = skip_if_running and isinstance(error, LockHeldError)
        raise
    except Interrupted as interrupted:
        outcome.error = f"interrupted by signal {interrupted.signum}"
        status = 128 + interrupted.signum
        raise
    except OSError as error:
        outcome.error = in_words(error)
        raise
    except Exception as error:
        outcome.error = f"{type(error).__name__}: {error}"
        log.trace(error)
        raise
    finally:
        if skipped:
            if hooks:  # what `before` has stopped is started again
                _on_error(config, log, command, outcome)
            log.end("was skipped")
        else:
            _finish(config, state, log, command, outcome, hooks)
            _keep(state, names, outcome, started, status)
            log.end(_ENDS[outcome.exit_status])
    return outcome


def _say_that_there_is_nothing_to_do(log: Log, occasion: str) -> None:
    """Once in a boot, and not every night: the shutdown comes once in any case."""
    if occasion == PERIODIC and os.path.exists(_SAID):
        return
    log.note("booted from the clone: nothing is synchronized")
    with suppress(OSError):
        os.makedirs(os.path.dirname(_SAID), mode=0o700, exist_ok=True)
        os.close(os.open(_SAID, os.O_WRONLY | os.O_CREAT, 0o600))


def _after(config: Config, command: str, outcome: RunResult) -> None:
    try:
        run_hooks("after", config, command, outcome)
    except DrdwrapError as error:
        outcome.warnings.append(error.message)


def _finish(
    config: Config, state: State, log: Log, command: str, outcome: RunResult, hooks: bool
) -> None:
    for note in outcome.notes:
        log.item(note)
    for warning in outcome.warnings:
        log.warning(warning)
    if outcome.error:
        log.file_error(outcome.error)
        if hooks:
            _on_error(config, log, command, outcome)


def _on_error(config: Config, log: Log, command: str, outcome: RunResult) -> None:
    try:
        run_hooks("on_error", config, command, outcome)
    except DrdwrapError as error:
        log.warning(error.message)


def _keep(
    state: State, names: Sequence[str], outcome: RunResult, started: str, status: int | None
) -> None:
    kept: dict[str, Any] = {
        "started": started,
        "ended": time.strftime("%Y-%m-%d %H:%M:%S"),
        "exit_status": outcome.exit_status if status is None else status,
        "error": outcome.error,
        "counts": outcome.counts,
        "bytes_to_be_copied": outcome.bytes_to_be_copied,
        "warnings": outcome.warnings[:100],
    }
    with suppress(OSError):  # on a full disk the log and the exit status have to do
        state.write_outcome(kept, *names)
        if names[0] in ("sync", "clone") and kept["exit_status"] in (SUCCESS, WARNING):
            notice.clear(state)
