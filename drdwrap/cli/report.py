"""`drdwrap report`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.argument("name", required=False)
@click.option("-0", "raw", is_flag=True, help="Print raw paths, each ended by a NUL.")
@configurable
@click.pass_obj
def report(settings: Settings, name: str | None, raw: bool) -> None:
    """List the reports of the last run, or print the report NAME."""
    from drdwrap.actions import report as action
    from drdwrap.present.report import show_report, show_reports

    if raw and settings.as_json:
        raise click.UsageError("-0 prints raw paths, which JSON cannot hold")
    config = settings.load()
    if name is None:
        show_reports(settings.view, action.counts(config))
    else:
        show_report(settings.view, name, action.paths(config, name), raw=raw)
