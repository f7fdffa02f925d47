"""The state directory: its files, and who may see it."""

import os
import stat
from dataclasses import dataclass

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, in_words, remedy_for
from drdwrap.linux import directories, safe_file
from drdwrap.paths.escaping import for_screen

_OWN = frozenset(
    b"lost+found lock record intent intent.more made-here reversal clone-notice cloning sync trees"
    b" rsync packages installed.json shutdown shutdown-failed activation outcome.json"
    b" patching".split()
)
"""What drdwrap makes in it up to its first result, and what a file system has of its own. (Cut off
while that is written, it leaves only a temporary file of it.)"""


@dataclass(frozen=True)
class StateDirectory:
    """The state directory's absolute paths. `log` is the log's name if the log is in it too."""

    directory: bytes
    log: bytes = b""

    @classmethod
    def of(cls, config: Config) -> "StateDirectory":
        """The configured state directory, not yet made."""
        directory = os.path.abspath(config.state_dir)
        where, log = os.path.split(os.path.abspath(config.log_file))
        return cls(directory, log if where == directory else b"")

    def make(self) -> None:
        """Make the directory, for its owner alone: file names can be secrets.

        DrdwrapError if it exists and holds anything else: others would lose access to it, and
        directories with drdwrap's names in it would be replaced.
        """
        try:
            directories.make(self.directory)
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
            hint = remedy_for(error) or "name another directory"
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
    def reversal(self) -> bytes:
        """There while the roles are exchanged: see `record.reversal`."""
        return self.directory + b"/reversal"

    @property
    def clone_notice(self) -> bytes:
        """There on the clone: what a machine that is booted from it says at a login."""
        return self.directory + b"/clone-notice"

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
    def patching(self) -> bytes:
        """There while a command runs on the clone: see `record.patching_note`."""
        return self.directory + b"/patching"

    @property
    def contents_verified(self) -> bytes:
        """How far `verify --contents` has come: see `verify.how_far`."""
        return self.directory + b"/contents-verified"

    @property
    def boot_test(self) -> bytes:
        """The directory of the machine that `verify --boot` starts, with its console."""
        return self.directory + b"/boot-test"

    @property
    def results(self) -> bytes:
        """How the last run of each command ended: see `record.results`."""
        return self.directory + b"/outcome.json"

    @property
    def shutdown(self) -> bytes:
        """How the last sync at a shutdown ended. The shutdown script writes it."""
        return self.directory + b"/shutdown"

    @property
    def shutdown_failed(self) -> bytes:
        """There from a failed shutdown sync until one succeeds: the message to show."""
        return self.directory + b"/shutdown-failed"

    @property
    def activation(self) -> bytes:
        """The last activation from this image: see `boot.selection.pending`."""
        return self.directory + b"/activation"

    def finished_making(self) -> Check:
        """Whether the making of the clone's disk was not cut off."""
        name = "the clone's disk is complete"
        try:
            device = for_screen(safe_file.contents(self.cloning, most=1 << 16))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return Check(name, True, "no 'drdwrap clone' was cut off")
        except OSError as error:
            return Check(
                name,
                False,
                in_words(error),
                "remove it; if a 'drdwrap clone --disk' was cut off, run that again first",
            )
        return Check(
            name,
            False,
            f"'drdwrap clone' was cut off while it made {device}",
            f"run 'drdwrap clone --disk {device} --overwrite' to start again",
        )
