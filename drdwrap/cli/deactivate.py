"""`drdwrap deactivate`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Show what the next boot would start.")
@configurable
@click.pass_obj
def deactivate(settings: Settings, preview: bool) -> None:
    """Take an activation back, so that the booted image stays.

    On an image that is on trial it ends the trial: the next boot starts the former image.
    """
    from drdwrap.actions import deactivate as action
    from drdwrap.present.activate import show_deactivated

    done = settings.under_lock(
        lambda config, state, log: action.deactivate(config, state, log, preview=preview),
        title="" if preview else action.TITLE,
    )
    show_deactivated(settings.view, done)
