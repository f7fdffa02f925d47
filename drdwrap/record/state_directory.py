"""The state directory: its files, who may see it, and the results of the last runs in it."""

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
"""What drdwrap makes in it before its first result, and what a file system has of its own."""


@dataclass(frozen=True)
class StateDirectory:
    """The state directory's absolute paths. `log` is the log's name if the log is in it too."""

    directory: bytes
    log: bytes = b""

    @classmethod
    def of(cls, config: Config) -> "StateDirectory":
        """The configured state directory, not yet made."""
        directory = os.path.abspath(os.fsencode(config.state_dir))
        where, log = os.path.split(os.path.abspath(os.fsencode(config.log_file)))
        return cls(directory, log if where == directory else b"")

    def make(self) -> None:
        """Make the directory, for its owner alone: file names can be secrets.

        DrdwrapError if it exists and holds anything else: others would lose access to it, and
        directories with drdwrap's names in it would be replaced.
        """
        try:
            os.makedirs(self.directory, mode=0o700, exist_ok=True)
            status = os.lstat(self.directory)
            if not stat.S_ISDIR(status.st_mode) or status.st_uid not in (0, os.geteuid()):
                raise DrdwrapError(
                    "state_dir is not a directory of root's", "remove it, or name another one"
                )
            if foreign := self._foreign():
                raise DrdwrapError(
                    f"state_dir {for_screen(self.directory)} is not drdwrap's: it holds"
                    f" {for_screen(foreign)}",
                    "name a directory for drdwrap alone; it is made if it does not exist",
                )
            os.chmod(self.directory, 0o700)
        except OSError as error:
            hint = "run it as root" if error.errno == errno.EACCES else "name another directory"
            raise DrdwrapError(f"state_dir cannot be used: {in_words(error)}", hint) from error

    def refuse_unreadable(self) -> None:
        """DrdwrapError if the directory exists and this user may not read it."""
        try:
            os.listdir(self.directory)
        except FileNotFoundError:
            pass
        except OSError as error:
            raise DrdwrapError(
                f"state_dir cannot be read: {error.strerror}", "run it as root"
            ) from error

    def _foreign(self) -> bytes:
        """A file that shows that the directory is not drdwrap's, or b""."""
        names = os.listdir(self.directory)
        if os.path.basename(self.results) in names:
            return b""  # drdwrap has used it: other files were put there on purpose
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
        """The paths that `clone` made or mended on the clone: see `record.made_here`."""
        return self.directory + b"/made-here"

    @property
    def reports(self) -> bytes:
        return self.directory + b"/sync"

    @property
    def trees(self) -> bytes:
        return self.directory + b"/trees"

    @property
    def rendered(self) -> bytes:
        """The directory of the lists and rules for rsync."""
        return self.directory + b"/rsync"

    @property
    def packages(self) -> bytes:
        """The directory for copies of package databases that cannot be read in place."""
        return self.directory + b"/packages"

    @property
    def cloning(self) -> bytes:
        """There while a clone's disk is made: the disk's device."""
        return self.directory + b"/cloning"

    @property
    def results(self) -> bytes:
        """How the last run of each command ended."""
        return self.directory + b"/outcome.json"

    @property
    def shutdown(self) -> bytes:
        """How the last sync at a shutdown ended. The shutdown script writes it."""
        return self.directory + b"/shutdown"

    @property
    def shutdown_failed(self) -> bytes:
        """There from a failed shutdown sync until one succeeds: the message to show."""
        return self.directory + b"/shutdown-failed"

    def finished_making(self) -> Check:
        """Whether the making of the clone's disk was not cut off."""
        try:
            with open(self.cloning, "rb") as file:
                device = for_screen(file.read())
        except OSError:
            return Check("the clone's disk is complete", True, "no 'drdwrap clone' was cut off")
        return Check(
            "the clone's disk is complete",
            False,
            f"'drdwrap clone' was cut off while it made {device}",
            f"run 'drdwrap clone --disk {device} --overwrite' to start again",
        )

    def read_results(self) -> dict[str, Any]:
        """The result of the last run of each command, by command; empty if it cannot be read."""
        try:
            with open(self.results, "rb") as file:
                data = json.load(file)
        except (OSError, ValueError):
            return {}
        return data if isinstance(data, dict) else {}

    def write_result(self, result: dict[str, Any], *names: str) -> None:
        """Keep the result of a run under these names, and the date of the last success of each.

        OSError on a full disk.
        """
        results = self.read_results()
        good = last_success(result)
        for name in names:
            before = last_success(results.get(name, {}))
            results[name] = {**result, "last_success": good or before}
        durable.write(self.results, [json.dumps(results, indent=1).encode() + b"\n"])


def last_success(result: dict[str, Any]) -> str | None:
    """The date at which a command last succeeded, from the result of its last run; or None."""
    if result.get("exit_status") in (SUCCESS, WARNING):
        return str(result["ended"])
    return result.get("last_success")
