"""`drdwrap check`."""

import click

from drdwrap import exit_status
from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@configurable
@click.pass_obj
def check(settings: Settings) -> int:
    """Check every precondition of a sync, and say how to remedy those that fail."""
    from drdwrap.actions import check as action
    from drdwrap.present.check import show_checks

    checks = action.check(settings.load(), settings.log())
    show_checks(settings.view, checks)
    return exit_status.of_checks(all(found.ok for found in checks))
