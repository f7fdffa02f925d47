"""`drdwrap demo`."""

import click

from drdwrap.cli.options import shared
from drdwrap.cli.settings import Settings


@click.command()
@shared
@click.pass_obj
def demo(settings: Settings) -> int:
    """Show a clone and a sync on two small throwaway file systems.

    Fills the clone, changes both sides, previews and syncs. Needs no configuration.
    """
    from drdwrap.actions.demo import demo as action
    from drdwrap.present.demo import show_demo

    return show_demo(settings.view, action)
