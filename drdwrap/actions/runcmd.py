"""`runcmd`: run a command on the clone, and look afterwards whether the clone still boots."""

import os
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from drdwrap import exit_status
from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import clock, run_note
from drdwrap.linux.confinement import Ended
from drdwrap.log import Log
from drdwrap.patching.clone import Clone, mounted_clone
from drdwrap.paths.escaping import for_screen
from drdwrap.record import results
from drdwrap.record.state_directory import StateDirectory

TITLE = "Run Command on Clone"
"""What the log calls it."""

_NAME = "runcmd"
_SHELL = ((b"bin/bash", (b"bash", b"-l")), (b"bin/sh", (b"sh", b"-l")))


@dataclass(frozen=True)
class Request:
    """The options of the command: a command, or none for a shell. With `quiet_output` what the
    command prints goes to stderr."""

    command: tuple[bytes, ...] = ()
    quiet_output: bool = False


@dataclass
class Outcome:
    """How the command ended, what it left running, and the checks after it. `exit_status` is that
    of drdwrap."""

    command: tuple[bytes, ...]
    status: int
    left_running: tuple[str, ...]
    exit_status: int
    checks: list[Check] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return {
            "command": [for_screen(word) for word in self.command],
            "status": self.status,
            "left_running": list(self.left_running),
            "checks": [check.__dict__ for check in self.checks],
            "exit_status": self.exit_status,
        }


def runcmd(config: Config, state: StateDirectory, log: Log, request: Request) -> Outcome:
    """Run the command. The lock is held. Errors: DrdwrapError, OSError."""
    run_note.note("preparing the clone for a command")
    with mounted_clone(config, state, log) as clone:
        command = request.command or _shell(clone)
        started, begin = clock.now(), time.monotonic()
        words = for_screen(b" ".join(command))
        log.item(f"{_who()} runs on the clone: {words}")
        run_note.note("running a command on the clone", words)
        ended = clone.run(command, before=_output_to_stderr if request.quiet_output else _nothing)
        took = time.monotonic() - begin
        log.item(f"It ended {_how(ended)} after {took:.0f} s.")
        if ended.left:
            log.warning("it left running, and drdwrap ended: " + ", ".join(ended.left))
        checks: list[Check] = []
        status = exit_status.of_command_on_clone(
            ended.status, ended.signum, all(check.ok for check in checks)
        )
        outcome = Outcome(tuple(command), ended.status, ended.left, status, checks)
        _keep(state, started, words, outcome)
        return outcome


def _shell(clone: Clone) -> Sequence[bytes]:
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


def _keep(state: StateDirectory, started: str, words: str, outcome: Outcome) -> None:
    failed = [f"{c.name}: {c.found}" for c in outcome.checks if not c.ok]
    kept = {
        "started": started,
        "ended": clock.now(),
        "exit_status": outcome.exit_status,
        "command": words,
        "warnings": failed,
    }
    with suppress(OSError):  # on a full disk the log and the exit status have to do
        results.write(state.results, kept, _NAME)
