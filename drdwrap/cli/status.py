"""`drdwrap status`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option("--after-boot", is_flag=True, hidden=True, help="Tell of a trial that failed.")
@configurable
@click.pass_obj
def status(settings: Settings, after_boot: bool) -> None:
    """Show the pair, what the next boot starts, and how the last runs and trials ended."""
    from drdwrap.actions import status as action
    from drdwrap.present.status import show_status

    if after_boot:
        from drdwrap.actions import images_at_boot

        message = settings.under_lock(
            lambda config, state, _log: images_at_boot.tell_after_boot(config, state),
        )
        if message:
            click.echo(f"drdwrap: {message}")
        return
    show_status(settings.view, action.status(settings.load()))
