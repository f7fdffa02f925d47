"""`drdwrap status`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@configurable
@click.pass_obj
def status(settings: Settings) -> int:
    """Show the pair, when the clone was made, and how the last runs ended."""
    from drdwrap.actions import status as action
    from drdwrap.present import show

    show.status(settings, action.status(settings.load()))
    return 0
