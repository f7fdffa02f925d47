"""`drdwrap accept`."""

import os

import click

from drdwrap import exit_status
from drdwrap.cli.options import configurable, not_empty
from drdwrap.cli.settings import Settings


@click.command()
@click.argument("paths", nargs=-1, required=True, callback=not_empty)
@configurable
@click.pass_obj
def accept(settings: Settings, paths: tuple[str, ...]) -> int:
    """Let paths that were changed on the clone follow the booted system again.

    What the clone has of PATHS now counts as put there by drdwrap. If a path has changed on the
    booted system since the last sync, the next sync copies it; otherwise the clone keeps its
    version until the booted one changes. A directory stands for everything below it.
    """
    from drdwrap.actions import accept as action
    from drdwrap.actions.around_run import ACCEPT
    from drdwrap.present.accept import show_accepted

    named = [os.fsencode(path) for path in paths]
    result = settings.under_lock(
        lambda config, state, log: action.accept(config, state, log, named),
        title=ACCEPT,
    )
    status = exit_status.of_accept(not result["nothing_to_accept"])
    show_accepted(settings.view, result, status)
    return status
