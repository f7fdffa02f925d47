"""What surrounds every run: the lock, the log, the hooks, and the result kept for `status`."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from drdwrap import exit_status
from drdwrap.actions import metrics
from drdwrap.actions.held_activation import HeldActivation, hold_back
from drdwrap.actions.hooks import run_hooks
from drdwrap.config.model import Config
from drdwrap.errors import (
    BootedFromCloneError,
    DrdwrapError,
    Interrupted,
    LockHeldError,
    in_words,
)
from drdwrap.install import notice
from drdwrap.linux import clock, directories
from drdwrap.log import Log
from drdwrap.paths.escaping import for_screen
from drdwrap.record import own_role, results
from drdwrap.record.own_role import Role
from drdwrap.record.state_directory import StateDirectory
from drdwrap.sync.begin import locked
from drdwrap.sync.result import RunResult


@dataclass(frozen=True)
class Kind:
    """A command whose runs are logged and whose last result is kept.

    `name` is what `status` and the hooks call it, `title` what the log does.
    """

    name: str
    title: str
    has_hooks: bool


PREVIEW = Kind("preview", "Synchronize System Image Preview", has_hooks=False)
SYNC = Kind("sync", "Synchronize System Image", has_hooks=True)
CLONE_PREVIEW = Kind("clone-preview", "Clone System Image Preview", has_hooks=False)
CLONE = Kind("clone", "Clone System Image", has_hooks=True)

ACCEPT = "Accept Clone Files"
"""What the log calls an `accept`, whose result is not kept."""

REVERSE = "Reverse Roles"
"""The same for a `reverse`."""

PERIODIC, SHUTDOWN = "periodic", "shutdown"
"""The occasions: what starts a run when no administrator does."""

_SAID = "/run/drdwrap/booted-from-clone"
"""There once a periodic run has said since the boot that it has nothing to do."""

_ENDS = {
    exit_status.SUCCESS: "succeeded",
    exit_status.WARNING: "succeeded with warnings",
    exit_status.ERROR: "failed",
}

_Result = TypeVar("_Result")


def under_lock(
    config: Config,
    log: Log,
    action: Callable[[Config, StateDirectory, Log], _Result],
    title: str = "",
) -> _Result:
    """Run `action` under the lock. With a title its begin, its end and its failure are logged.

    LockHeldError, and whatever `action` raises.
    """
    with locked(config, log) as state:
        if not title:
            return action(config, state, log)
        log.begin(title)
        try:
            result = action(config, state, log)
        except BaseException as error:
            log.file_error(in_words(error) if isinstance(error, OSError) else str(error))
            log.end("failed")
            raise
        log.end("succeeded")
        return result


def run(
    config: Config,
    log: Log,
    kind: Kind,
    action: Callable[[Config, StateDirectory, Log], RunResult],
    *,
    skip_if_running: bool = False,
    occasion: str | None = None,
) -> RunResult | None:
    """Run `action` under the lock, between the hooks. Errors are logged, kept and raised again.

    Returns None if there was nothing to do: on an `occasion`, because the clone is booted; with
    `skip_if_running`, because another run is going. At shutdown a run that is going is ended, and
    this one does its work.
    """
    if occasion and own_role.role(config, StateDirectory.of(config)) is Role.CLONE:
        _skip_on_clone(config, log, occasion)
        return None
    try:
        with locked(config, log, take_over=occasion == SHUTDOWN) as state:
            return _Run(config, state, log, kind, occasion, skip_if_running).run(action)
    except LockHeldError as error:
        if not skip_if_running:
            raise
        log.item(f"Skipped: {error.message}.", level=3)
        return None
    except BootedFromCloneError:  # only both images together have told it
        if not occasion:
            raise
        _skip_on_clone(config, log, occasion)
        return None


def _skip_on_clone(config: Config, log: Log, occasion: str) -> None:
    """A periodic run says it once in a boot, not every night; there is only one shutdown."""
    _write_metrics(config, log)
    if occasion == PERIODIC and os.path.exists(_SAID):
        return
    log.note("booted from the clone: nothing is synchronized")
    with suppress(OSError):
        directories.make(os.fsencode(os.path.dirname(_SAID)))
        os.close(os.open(_SAID, os.O_WRONLY | os.O_CREAT | os.O_NONBLOCK, 0o600))


def _write_metrics(config: Config, log: Log) -> None:
    """They change nothing about how the run ends."""
    if config.metrics_file is None:
        return
    try:
        metrics.write(config, config.metrics_file)
    except (DrdwrapError, OSError) as error:
        why = in_words(error) if isinstance(error, OSError) else error.message
        log.warning(f"metrics_file could not be written: {why}")


@dataclass(frozen=True)
class _Run:
    """A run that holds the lock."""

    config: Config
    state: StateDirectory
    log: Log
    kind: Kind
    occasion: str | None
    skip_if_running: bool

    def run(self, action: Callable[[Config, StateDirectory, Log], RunResult]) -> RunResult:
        self.log.begin(self.kind.title)
        started = clock.now()
        booted, clone = self.config.booted.root, self.config.clone.root
        result = RunResult(for_screen(booted), for_screen(clone))
        status: int | None = None
        skipped = False
        try:
            held = self._hold_activation_back()
            if self.kind.has_hooks:
                run_hooks("before", self.config, self.kind.name, None)
            result = action(self.config, self.state, self.log)
            if held is not None and not result.error:
                held.release(self.log)
            if self.kind.has_hooks and not result.error:
                self._run_after(result)
        except DrdwrapError as error:
            result.error = error.message
            # The clone has a lock of its own, for runs with another state directory.
            skipped = self.skip_if_running and isinstance(error, LockHeldError)
            skipped = skipped or (
                self.occasion is not None and isinstance(error, BootedFromCloneError)
            )
            raise
        except Interrupted as interrupted:
            result.error = interrupted.reason
            status = exit_status.of_signal(interrupted.signum)
            raise
        except OSError as error:
            result.error = in_words(error)
            raise
        except Exception as error:
            result.error = f"{type(error).__name__}: {error}"
            self.log.trace(error)
            raise
        finally:
            if skipped:
                self._run_on_error(result)  # it starts again what `before` has stopped
                self.log.end("was skipped")
            else:
                self._log_result(result)
                if result.error:
                    self._run_on_error(result)
                self._keep(result, started, status)
                _write_metrics(self.config, self.log)
                self.log.end(_ENDS[result.exit_status])
        return result

    def _hold_activation_back(self) -> HeldActivation | None:
        """What a sync that fails, or is cut off, cancels."""
        return hold_back(self.config, self.state, self.log) if self.kind == SYNC else None

    def _run_after(self, result: RunResult) -> None:
        try:
            run_hooks("after", self.config, self.kind.name, result)
        except DrdwrapError as error:
            result.warnings.append(error.message)

    def _run_on_error(self, result: RunResult) -> None:
        if not self.kind.has_hooks:
            return
        try:
            run_hooks("on_error", self.config, self.kind.name, result)
        except DrdwrapError as error:
            self.log.warning(error.message)

    def _log_result(self, result: RunResult) -> None:
        for note in result.notes:
            self.log.item(note)
        for warning in result.warnings:
            self.log.warning(warning)
        if result.error:
            self.log.file_error(result.error)

    def _keep(self, result: RunResult, started: str, status: int | None) -> None:
        """Keep the result for `status`; a run that has an occasion is kept under that as well."""
        kept: dict[str, Any] = {
            "started": started,
            "ended": clock.now(),
            "exit_status": result.exit_status if status is None else status,
            "error": result.error,
            "counts": result.counts,
            "bytes_to_be_copied": result.bytes_to_be_copied,
            "warnings": result.warnings[:100],
        }
        names = [self.kind.name, self.occasion] if self.occasion else [self.kind.name]
        with suppress(OSError):  # on a full disk the log and the exit status have to do
            results.write(self.state.results, kept, *names)
            succeeded = kept["exit_status"] in (exit_status.SUCCESS, exit_status.WARNING)
            if succeeded and self.kind in (SYNC, CLONE):
                notice.clear(self.state)
