"""`drdwrap preview`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.option("-p", "--preview", is_flag=True, hidden=True)
@click.option(
    "--adopt",
    type=click.Choice(["newer"]),
    help="Onto a clone without a record: what is newer on the booted system wins.",
)
@configurable
@click.pass_obj
def preview(settings: Settings, preview: bool, adopt: str | None) -> int:
    """Show what a sync would copy and why not the rest. Nothing on the clone changes."""
    from drdwrap.cli.sync import synchronize

    return synchronize(settings, preview=True, adopt=adopt)
