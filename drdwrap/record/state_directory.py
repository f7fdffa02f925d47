"""The state directory: what lies where in it, and who may see it."""

import errno
import json
import os
import stat
from dataclasses import dataclass
from typing import Any

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.exit_status import SUCCESS, WARNING
from drdwrap.linux import durable
from drdwrap.paths.escaping import for_screen

_OWN = frozenset(
    b"lost+found lock record intent intent.more made-here cloning sync trees rsync packages"
    b" installed.json shutdown shutdown-failed".split()
)
"""What drdwrap makes in it before its first outcome, and what a file system has of its own."""


@dataclass(frozen=True)
class State:
    """The state directory's paths, absolute. `log` is the log's name, if the log lies in it too."""

    directory: bytes
    log: bytes = b""

    @classmethod
    def of(cls, config: Config) -> "State":
        """The configured state directory, not yet made."""
        directory = os.path.abspath(os.fsencode(config.state_dir))
        where, log = os.path.split(os.path.abspath(os.fsencode(config.log_file)))
        return cls(directory, log if where == directory else b"")

    def make(self) -> None:
        """Make the directory if there is none, for its owner alone: file names can be secrets.

        DrdwrapError for one that holds something else: it would be shut to others, and directories
        of drdwrap's names in it would be replaced.
        """
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            status = os.lstat(self.directory)
            if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (0, os.geteuid()):
                raise DrdwrapError(
                    "state_dir is no directory of root's own", "remove it, or name another one"
                )
            if foreign := self._foreign():
                raise DrdwrapError(
                    f"state_dir {for_screen(self.directory)} is not drdwrap's: it holds"
                    f" {for_screen(foreign)}",
                    "name a directory for drdwrap alone; it is made if there is none",
                )
            os.chmod(self.directory, 0o700)
        except OSError as error:
            hint = "run it as root" if error.errno == errno.EACCES else "name another directory"
            raise DrdwrapError(f"state_dir cannot be used: {in_words(error)}", hint) from error

    def refuse_unreadable(self) -> None:
        """DrdwrapError where there is something that this user may not see."""
        try:
            os.listdir(self.directory)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise DrdwrapError(
                f"state_dir cannot be read: {error.strerror}", "run it as root"
            ) from error

    def _foreign(self) -> bytes:
        """Something in the directory that tells it is not drdwrap's own, or b""."""
        names = os.listdir(self.directory)
        if os.path.basename(self.outcome) in names:
            return b""  # a run has been here: what else there is was put there knowingly
        return min((name for name in names if not self._is_own(name)), default=b"")

    def _is_own(self, name: bytes) -> bool:
        is_log = bool(self.log) and name.startswith(self.log)  # or a rotated one
        return is_log or name.removesuffix(b".new") in _OWN

    @property
    def lock(self) -> bytes:
        return self.directory + b"/lock"

    @property
    def record(self) -> bytes:
        return self.directory + b"/record"

    @property
    def intent(self) -> bytes:
        return self.directory + b"/intent"

    @property
    def made_here(self) -> bytes:
        """What `clone` made or mended on the clone: see `record.made_here`."""
        return self.directory + b"/made-here"

    @property
    def reports(self) -> bytes:
        return self.directory + b"/sync"

    @property
    def trees(self) -> bytes:
        return self.directory + b"/trees"

    @property
    def rendered(self) -> bytes:
        """Where the lists and rules for rsync are written."""
        return self.directory + b"/rsync"

    @property
    def packages(self) -> bytes:
        """Where package databases are copied to that cannot be read where they are."""
        return self.directory + b"/packages"

    @property
    def cloning(self) -> bytes:
        """There while a clone's disk is being made: what is being done, in words."""
        return self.directory + b"/cloning"

    @property
    def outcome(self) -> bytes:
        return self.directory + b"/outcome.json"

    @property
    def shutdown(self) -> bytes:
        """How the last sync at a shutdown ended; the shutdown script writes it."""
        return self.directory + b"/shutdown"

    @property
    def shutdown_failed(self) -> bytes:
        """There from a shutdown sync that failed until one succeeds: what to tell of it."""
        return self.directory + b"/shutdown-failed"

    def finished_making(self) -> Check:
        """Whether no making of a clone's disk was cut off."""
        try:
            with open(self.cloning, "rb") as file:
                device = for_screen(file.read())
        except OSError:
            return Check("the clone's disk was made to the end", True, "nothing is half made")
        return Check(
            "the clone's disk was made to the end",
            False,
            f"the making of the clone on {device} was cut off",
            f"'drdwrap clone --disk {device} --overwrite' begins anew",
        )

    def read_outcomes(self) -> dict[str, Any]:
        """The outcome of the last run of each command, by command; empty if unreadable."""
        try:
            with open(self.outcome, "rb") as file:
                data = json.load(file)
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def write_outcome(self, outcome: dict[str, Any], *names: str) -> None:
        """Note how the last run ended that bears these names, and when one last succeeded.

        OSError on a full disk.
        """
        outcomes = self.read_outcomes()
        good = last_success(outcome)
        for name in names:
            before = last_success(outcomes.get(name, {}))
            outcomes[name] = {**outcome, "last_success": good or before}
        durable.write(self.outcome, [json.dumps(outcomes, indent=1).encode() + b"\n"])


def last_success(outcome: dict[str, Any]) -> str | None:
    """When a run of a command last succeeded, as far as the outcome of its last run tells."""
    if outcome.get("exit_status") in (SUCCESS, WARNING):
        return str(outcome["ended"])
    return outcome.get("last_success")
