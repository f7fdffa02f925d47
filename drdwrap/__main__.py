"""The entry point: signals, the command, and the exit status. Nothing ends in a traceback."""

import errno
import gc
import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

import click

from drdwrap import exit_status
from drdwrap.cli import drdwrap
from drdwrap.cli.settings import Settings
from drdwrap.errors import DrdwrapError, Interrupted
from drdwrap.linux import signals
from drdwrap.present import errors


def main(arguments: Sequence[str] | None = None) -> int:
    """Run drdwrap with these arguments (those of the process unless given); returns the status."""
    gc.disable()  # a run makes many objects and hardly a cycle among them, and then ends
    words = sys.argv[1:] if arguments is None else list(arguments)
    settings = Settings()
    try:
        signals.install()
        returned = drdwrap.main(words, prog_name="drdwrap", standalone_mode=False, obj=settings)
        _flush()
        return exit_status.of_command(returned)
    except click.ClickException as error:
        context = getattr(error, "ctx", None)
        hint = f"'{context.command_path} --help' tells more" if context else ""
        # The command line may be wrong before --json has been reached.
        as_json = settings.as_json or "--json" in words
        errors.show_error(DrdwrapError(error.format_message(), hint), as_json=as_json)
    except BrokenPipeError:
        # Whoever read the output (head, for example) has ended: nothing more can be told.
        sys.stdout = None
        if settings.ended_with is not None:
            return settings.ended_with
    except (DrdwrapError, OSError) as error:
        if settings.ended_with is not None and getattr(error, "errno", None) == errno.EIO:
            return settings.ended_with  # the terminal is gone
        errors.show_error(error, as_json=settings.as_json)
    except click.Abort:
        return exit_status.of_signal(signal.SIGINT)
    except Interrupted as interrupted:
        errors.show_interruption(interrupted, as_json=settings.as_json)
        return exit_status.of_signal(interrupted.signum)
    except Exception as error:
        errors.print_message(
            f"unexpected {type(error).__name__}: {error} (the log has the details)"
        )
    return exit_status.ERROR


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _open_what_is_closed() -> None:
    """Open those of stdin, stdout and stderr that are closed on /dev/null.

    Otherwise the next file that is opened, such as the lock, gets the number, and what is printed
    goes there.
    """
    for number in (0, 1, 2):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
    if sys.stdout is None:
        sys.stdout = os.fdopen(1, "w", closefd=False)
    if sys.stderr is None:
        sys.stderr = os.fdopen(2, "w", closefd=False)


def run() -> NoReturn:
    """The command: `main`, and then no time is spent on freeing half a million objects."""
    _open_what_is_closed()
    # A name that the terminal's encoding cannot express is no reason to fail.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
