"""What can go wrong, by subject. Each error is one message and, where there is one, a way out."""

import os
from collections.abc import Sequence

from drdwrap.paths.escaping import for_screen


class DrdwrapError(Exception):
    """An expected failure: nothing, or not all, was done. Exit status 1, never a traceback.

    `message` says what happened; `hint` says what to do next, or is empty.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class ConfigError(DrdwrapError):
    """The configuration cannot be used; `problems` has every reason, with key and line."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(self.problems), "'drdwrap config sample' prints a correct file")


class ProgramError(DrdwrapError):
    """A program could not be started, or ended in a way that leaves nothing to go on with."""


class RefusedError(DrdwrapError):
    """A precondition of the run does not hold: nothing was written."""


class LockHeldError(RefusedError):
    """Another run holds the lock."""


class RecordError(DrdwrapError):
    """The record, or an open intent, cannot be trusted, and is therefore not used."""


class IncompleteError(DrdwrapError):
    """The run was cut short; what it did is safe, and the next run does the rest."""


class Interrupted(BaseException):
    """A signal asked the run to end. No Exception, lest it be swallowed on its way."""

    def __init__(self, signum: int) -> None:
        super().__init__(signum)
        self.signum = signum


def in_words(error: OSError) -> str:
    """Which file, or files, and what the system says of it; for a screen."""
    names = [
        for_screen(os.fsencode(name))
        for name in (error.filename, error.filename2)
        if isinstance(name, str | bytes | os.PathLike)  # of a descriptor it is a number
    ]
    said = error.strerror or str(error)
    return f"{' -> '.join(names)}: {said}" if names else said
