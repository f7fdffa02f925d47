"""`drdwrap sync`, and what `drdwrap preview` has in common with it."""

from collections.abc import Callable
from typing import Any

import click

from drdwrap import exit_status
from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings
from drdwrap.linux import signals


def adopting(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --adopt."""
    return click.option(
        "--adopt",
        type=click.Choice(["newer"]),
        help="For a clone without a record: copy what is newer on the booted system.",
    )(command)


def copying_encrypted(command: Callable[..., Any]) -> Callable[..., Any]:
    """The option --unencrypted."""
    return click.option(
        "--unencrypted",
        is_flag=True,
        help="Copy files that are encrypted on the booted system (fscrypt) too, readable on the"
        " clone. Later syncs do so without the option.",
    )(command)


@click.command()
@click.option("-p", "--preview", is_flag=True, help="The same as 'drdwrap preview'.")
@adopting
@copying_encrypted
@click.option(
    "--occasion",
    type=click.Choice(["periodic", "shutdown"]),
    help="What started this run, for 'status'. Booted from the clone, such a run does nothing.",
)
@click.option(
    "--skip-if-running", is_flag=True, help="If another run is going, do nothing and succeed."
)
@click.option(
    "--time-limit",
    type=click.IntRange(min=1),
    metavar="SECONDS",
    help="End cleanly after this time, with exit status 142. The next sync does the rest.",
)
@configurable
@click.pass_obj
def sync(
    settings: Settings,
    preview: bool,
    adopt: str | None,
    unencrypted: bool,
    occasion: str | None,
    skip_if_running: bool,
    time_limit: int | None,
) -> int:
    """Bring the clone up to date with the booted system.

    What was changed on the clone stays as it is.
    """
    return synchronize(
        settings,
        preview=preview,
        adopt=adopt,
        unencrypted=unencrypted,
        occasion=occasion,
        skip_if_running=skip_if_running,
        time_limit=time_limit,
    )


def synchronize(
    settings: Settings,
    *,
    preview: bool,
    adopt: str | None,
    unencrypted: bool = False,
    occasion: str | None = None,
    skip_if_running: bool = False,
    time_limit: int | None = None,
) -> int:
    """A preview or a sync, shown as asked for. Returns the exit status."""
    from drdwrap.actions import sync as action
    from drdwrap.actions.around_run import PREVIEW, SYNC, run
    from drdwrap.present.progress import progress_bar
    from drdwrap.present.run_result import show_result, show_skipped

    with signals.time_limit(time_limit), progress_bar(settings.view, "sync") as tell:
        request = action.SyncRequest(preview, adopt == "newer", unencrypted, tell)
        result = run(
            settings.load(),
            settings.log(),
            PREVIEW if preview else SYNC,
            lambda config, state, log: action.sync(config, state, log, request),
            skip_if_running=skip_if_running,
            occasion=occasion,
        )
    if result is None:
        show_skipped(settings.view)
        return exit_status.SKIPPED
    settings.ended_with = result.exit_status
    show_result(settings.view, result, always=preview)
    return result.exit_status
