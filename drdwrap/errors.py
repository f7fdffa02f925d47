"""The errors, by subject. Each has a message, and a hint if there is something to do."""

import errno
import os
from collections.abc import Sequence

from drdwrap.paths.escaping import for_screen


class DrdwrapError(Exception):
    """An expected failure: nothing was done, or not everything. Exit status 1, no traceback.

    `message` says what happened; `hint` says what to do next, or is empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(DrdwrapError):
    """The configuration cannot be used. `problems` are all reasons, with key and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems), "'drdwrap config sample' prints a correct file")


class ProgramError(DrdwrapError):
    """A program could not be started, or failed."""


class RefusedError(DrdwrapError):
    """A precondition of the run does not hold: nothing was written."""


class BootedFromCloneError(RefusedError):
    """The machine is booted from the image that is kept in step with the other one."""

    def __init__(self) -> None:
        super().__init__(
            "booted from the clone: nothing is synchronized",
            "'drdwrap reverse' makes the other image the one that is kept in step with this one;"
            " or boot the other image",
        )


class LockHeldError(RefusedError):
    """Another run holds the lock."""


class RecordError(DrdwrapError):
    """The record or an open intent cannot be trusted, so it is not used."""


class IncompleteError(DrdwrapError):
    """The run was cut short. What it did is safe, and the next run does the rest."""


class Interrupted(BaseException):
    """A signal asked the run to end. `reason` says so, or names the limit that was reached.

    It is not an Exception, so that no handler of those stops it on its way.
    """

    def __init__(self, signum: int, reason: str = "") -> None:
        super().__init__(signum)
        self.signum = signum
        self.reason = reason or f"interrupted by signal {signum}"


def in_words(error: OSError) -> str:
    """The file or files, and the system's message, for the screen."""
    names = [
        for_screen(os.fsencode(name))
        for name in (error.filename, error.filename2)
        if isinstance(name, str | bytes | os.PathLike)  # for a descriptor it is a number
    ]
    said = error.strerror or str(error)
    return f"{' -> '.join(names)}: {said}" if names else said


NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
"""What the kernel says of a full file system, or of a quota that is used up."""

_FAILED = "see 'dmesg', and run fsck on it"
_REMEDIES = {
    errno.EIO: f"its disk or its file system has failed: {_FAILED}",
    errno.EUCLEAN: f"its file system is damaged: {_FAILED}",
    errno.EBADMSG: f"its file system is damaged: {_FAILED}",
    errno.EROFS: f"the kernel makes a file system read-only after an error: {_FAILED}",
    errno.ENXIO: "its device is gone: see 'dmesg'",
    errno.ENODEV: "its device is gone: see 'dmesg'",
    errno.ENOSPC: "make room there",
    errno.EDQUOT: "make room there, or raise the quota",
    errno.EACCES: "run it as root",
}


def not_completed(error: OSError) -> DrdwrapError:
    """What to raise when a run has to stop in the middle."""
    hint = "; ".join(filter(None, (remedy_for(error), "the next sync puts it right")))
    return DrdwrapError(f"the run could not be completed: {in_words(error)}", hint)


def remedy_for(error: OSError) -> str:
    """What to do about an error of the system; empty where that depends."""
    return _REMEDIES.get(error.errno or 0, "")
