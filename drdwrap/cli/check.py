"""`drdwrap check`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@configurable
@click.pass_obj
def check(settings: Settings) -> int:
    """Show every precondition of a sync, with its verdict and, where it fails, a remedy."""
    from drdwrap.actions import check as action
    from drdwrap.present import show

    checks = action.check(settings.load(), settings.log())
    show.checks(settings, checks)
    return 0 if all(found.ok for found in checks) else 1
