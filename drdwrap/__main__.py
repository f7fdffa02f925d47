"""The entry point: signals, the command, and the exit status. Nothing ends in a traceback."""

import os
import signal
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import NoReturn

from drdwrap.errors import ConfigError, DrdwrapError, Interrupted, in_words
from drdwrap.linux import signals
from drdwrap.paths.escaping import one_line


def main(arguments: Sequence[str] | None = None) -> int:
    """Run drdwrap with these arguments (those of the process unless given); returns the status."""
    import gc

    import click

    from drdwrap.cli import drdwrap

    gc.disable()  # a run makes many objects, hardly a cycle among them, and ends

    try:
        signals.install()
        result = drdwrap.main(
            args=list(arguments) if arguments is not None else None,
            prog_name="drdwrap",
            standalone_mode=False,
        )
        _flush()
        return result if isinstance(result, int) else 0
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        if "--json" in (sys.argv[1:] if arguments is None else arguments):
            from drdwrap.present import show

            show.error(DrdwrapError(error.format_message()))
        context = getattr(error, "ctx", None)
        more = f" ('{context.command_path} --help' tells more)" if context else ""
        _say(f"drdwrap: {error.format_message()}{more}")
    except ConfigError as error:
        for problem in error.problems:
            _say(f"drdwrap: {problem}")
    except DrdwrapError as error:
        _say(f"drdwrap: {error.message}" + (f" ({error.hint})" if error.hint else ""))
    except BrokenPipeError:
        # Whoever read our output has gone (head, say). Nothing more can be told.
        sys.stdout = None
    except click.Abort:
        return 128 + signal.SIGINT
    except Interrupted as interrupted:
        return 128 + interrupted.signum
    except OSError as error:
        _say(f"drdwrap: {in_words(error)}")
    except Exception as error:
        _say(f"drdwrap: unexpected {type(error).__name__}: {error} (the log has the details)")
    return 1


def _say(text: str) -> None:
    print(one_line(text), file=sys.stderr)


def _flush() -> None:
    if sys.stdout is not None:
        sys.stdout.flush()


def _open_what_is_closed() -> None:
    """Give those of stdin, stdout and stderr that are closed to /dev/null.

    Or a file of ours, the lock for one, would get the number, and what is printed would go there.
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
    """The command: `main`, and then no time spent on taking half a million objects apart."""
    _open_what_is_closed()
    # A name that the terminal's encoding has not is no reason to fail.
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    status = main()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, AttributeError):  # closed, or nobody reads it any more
            stream.flush()
    os._exit(status)


if __name__ == "__main__":
    run()
