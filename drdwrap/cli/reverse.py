"""`drdwrap reverse`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option(
    "-p", "--preview", is_flag=True, help="Show what a sync would do then, and change nothing."
)
@configurable
@click.pass_obj
def reverse(settings: Settings, preview: bool) -> int:
    """Booted from the clone, keep the other image in step with it from now on.

    The roles are exchanged without a new fill: preview, sync, the sync at shutdown and the periodic
    one then work towards the former original. Nothing is copied yet. A second reverse, booted from
    the original, turns the roles back.
    """
    from drdwrap.actions import reverse as action
    from drdwrap.actions.around_run import REVERSE
    from drdwrap.present.reverse import show_reversed

    result = settings.under_lock(
        lambda config, state, log: action.reverse(config, state, log, preview=preview),
        title="" if preview else REVERSE,
    )
    show_reversed(settings.view, result)
    return result.exit_status
