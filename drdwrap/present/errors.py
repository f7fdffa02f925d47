"""How an error is told: a line on stderr and, with --json, an object on stdout."""

import signal
import sys
from contextlib import suppress

from drdwrap import exit_status
from drdwrap.errors import ConfigError, DrdwrapError, Interrupted, in_words, remedy_for
from drdwrap.paths.escaping import one_line
from drdwrap.present.output import print_json


def show_error(error: DrdwrapError | OSError, *, as_json: bool) -> None:
    """Tell an error with its hint; of a configuration, a line for each of its problems."""
    if isinstance(error, ConfigError):
        told, hint = "; ".join(error.problems), error.hint
        lines = list(error.problems)
    elif isinstance(error, DrdwrapError):
        told, hint = error.message, error.hint
        lines = [told + (f" ({hint})" if hint else "")]
    else:
        told, hint = in_words(error), remedy_for(error)
        lines = [told + (f" ({hint})" if hint else "")]
    if as_json:
        _print_json(told, hint, exit_status.ERROR)
    for line in lines:
        print_message(line)


def show_interruption(interrupted: Interrupted, *, as_json: bool) -> None:
    """A person knows of the signal that ended the run, but not that its time limit was reached."""
    if as_json:
        _print_json(interrupted.reason, "", exit_status.of_signal(interrupted.signum))
    if interrupted.signum == signal.SIGALRM:
        print_message(interrupted.reason)


def print_message(text: str) -> None:
    """A line on stderr, as all of drdwrap's messages look."""
    with suppress(OSError):  # nobody is there to read it
        print(one_line(f"drdwrap: {text}"), file=sys.stderr)


def _print_json(told: str, hint: str, status: int) -> None:
    with suppress(OSError):  # whoever read it has ended, or the terminal is gone
        print_json({"error": told, "hint": hint, "exit_status": status})
