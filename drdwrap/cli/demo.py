"""`drdwrap demo`."""

import click

from drdwrap.cli.options import Settings, shared


@click.command()
@shared
@click.pass_obj
def demo(settings: Settings) -> int:
    """Make two small file systems, fill the clone, change both sides, preview and sync."""
    from drdwrap.actions.demo import demo as action
    from drdwrap.present import show

    return show.demo(settings, action)
