"""`runcmd`: run a command on the clone, and look afterwards whether the clone still boots."""

import os
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from drdwrap import exit_status
from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import clock, run_note
from drdwrap.linux.confinement import Ended
from drdwrap.log import Log
from drdwrap.packages.database import UnreadableError
from drdwrap.patching import upgrade
from drdwrap.patching.checks.all_checks import all_checks
from drdwrap.patching.clone import MountedClone, mounted_clone
from drdwrap.patching.installed_packages import installed
from drdwrap.patching.upgrade import PackageChange, changed
from drdwrap.paths.escaping import for_screen
from drdwrap.record import results
from drdwrap.record.state_directory import StateDirectory

TITLE = "Run Command on Clone"
"""What the log calls it."""

_NAME = "runcmd"
_SHELL = ((b"bin/bash", (b"bash", b"-l")), (b"bin/sh", (b"sh", b"-l")))


@dataclass(frozen=True)
class RuncmdRequest:
    """The options of the command: a command; or `upgrade`; or neither, for a shell. With
    `quiet_output` what the command prints goes to stderr."""

    command: tuple[bytes, ...] = ()
    upgrade: bool = False
    quiet_output: bool = False


@dataclass(frozen=True)
class RuncmdResult:
    """How the command ended, what it left running, the checks after it, and of an upgrade the
    packages that changed. `exit_status` is that of drdwrap."""

    command: tuple[bytes, ...]
    status: int
    left_running: tuple[str, ...]
    checks: tuple[Check, ...]
    packages: tuple[PackageChange, ...] | None
    exit_status: int

    def as_json(self) -> dict[str, Any]:
        """For `--json`. `packages` is None unless it was an upgrade."""
        changes = self.packages
        return {
            "command": [for_screen(word) for word in self.command],
            "status": self.status,
            "left_running": list(self.left_running),
            "checks": [check.__dict__ for check in self.checks],
            "packages": None if changes is None else [change.__dict__ for change in changes],
            "exit_status": self.exit_status,
        }


def runcmd(config: Config, state: StateDirectory, log: Log, request: RuncmdRequest) -> RuncmdResult:
    """Run the command. The lock is held. Errors: DrdwrapError, OSError."""
    run_note.note("preparing the clone for a command")
    with mounted_clone(config, state, log) as clone:
        started = clock.now()
        run = _Commands(clone, state, log, request)
        before = run.packages()
        command, ended = run.commands()
        checks = tuple(all_checks(config, state, clone))
        for check in checks:
            if not check.ok:
                log.warning(f"check failed: {check.name} ({check.found}): {check.remedy}")
        whole = all(check.ok for check in checks)
        status = exit_status.of_command_on_clone(ended.status, ended.signum, whole)
        changes = None if before is None else tuple(changed(before, run.packages() or frozenset()))
        outcome = RuncmdResult(tuple(command), ended.status, ended.left, checks, changes, status)
        _keep(state, started, outcome)
        return outcome


@dataclass(frozen=True)
class _Commands:
    """One `runcmd`."""

    clone: MountedClone
    state: StateDirectory
    log: Log
    request: RuncmdRequest

    def packages(self) -> frozenset[tuple[str, str]] | None:
        """What is installed on the clone; None if this is no upgrade. DrdwrapError."""
        if not self.request.upgrade:
            return None
        try:
            return installed(self.clone.root, self.state)
        except UnreadableError as error:
            raise DrdwrapError(f"the clone's packages cannot be told: {error}") from error

    def commands(self) -> tuple[Sequence[bytes], Ended]:
        """Run the command, or those of an upgrade up to the first that fails. Returns the last one
        and how it ended."""
        environment: dict[bytes, bytes] = {}
        commands: Sequence[Sequence[bytes]] = [self.request.command or _shell(self.clone)]
        if self.request.upgrade:
            commands, environment = upgrade.commands(self.clone.root), upgrade.ENVIRONMENT
        for command in commands:
            ended = self._one(command, environment)
            if ended.status or ended.signum:
                break
        return command, ended

    def _one(self, command: Sequence[bytes], environment: Mapping[bytes, bytes]) -> Ended:
        words = for_screen(b" ".join(command))
        self.log.item(f"{_who()} runs on the clone: {words}")
        run_note.note("running a command on the clone", words)
        begin = time.monotonic()
        before = _output_to_stderr if self.request.quiet_output else _nothing
        ended = self.clone.run(command, environment, before)
        self.log.item(f"It ended {_how(ended)} after {time.monotonic() - begin:.0f} s.")
        if ended.left:
            self.log.warning("it left running, and drdwrap ended: " + ", ".join(ended.left))
        return ended


def _shell(clone: MountedClone) -> Sequence[bytes]:
    for path, command in _SHELL:
        if os.path.lexists(os.path.join(clone.root, path)):
            return command
    raise DrdwrapError("the clone has no shell", "name a command: 'drdwrap runcmd -- COMMAND'")


def _who() -> str:
    """Who called drdwrap, and where: `root (dora by sudo) on /dev/pts/3`."""
    by = os.environ.get("SUDO_USER", "")
    said = f"root ({for_screen(os.fsencode(by))} by sudo)" if by else "root"
    for descriptor in (0, 1, 2):
        with suppress(OSError):
            return f"{said} on {os.ttyname(descriptor)}"
    return f"{said} without a terminal"


def _how(ended: Ended) -> str:
    how = f"by signal {-ended.status}" if ended.status < 0 else f"with status {ended.status}"
    return f"{how}, interrupted by signal {ended.signum}," if ended.signum else how


def _nothing() -> None:
    pass


def _output_to_stderr() -> None:
    os.dup2(2, 1)


def _keep(state: StateDirectory, started: str, outcome: RuncmdResult) -> None:
    """Keep the result for `status`."""
    warnings = [f"{check.name}: {check.found}" for check in outcome.checks if not check.ok]
    command = for_screen(b" ".join(outcome.command))
    status = outcome.exit_status
    results.keep(state.results, _NAME, started, status, warnings, command=command)
