"""`drdwrap status`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@configurable
@click.pass_obj
def status(settings: Settings) -> None:
    """Show the pair, when the clone was made, and how the last runs ended."""
    from drdwrap.actions import status as action
    from drdwrap.present.status import show_status

    show_status(settings.view, action.status(settings.load()))
