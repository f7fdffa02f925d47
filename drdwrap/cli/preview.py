"""`drdwrap preview`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings
from drdwrap.cli.sync import adopting, copying_encrypted, synchronize


@click.command()
@click.option("-p", "--preview", is_flag=True, hidden=True)
@adopting
@copying_encrypted
@configurable
@click.pass_obj
def preview(settings: Settings, preview: bool, adopt: str | None, unencrypted: bool) -> int:
    """Show what a sync would copy, and why not the rest.

    Nothing on the clone changes.
    """
    return synchronize(settings, preview=True, adopt=adopt, unencrypted=unencrypted)
