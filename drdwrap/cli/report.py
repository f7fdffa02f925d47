"""`drdwrap report`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.argument("name", required=False)
@click.option("-0", "raw", is_flag=True, help="Raw paths, each ended by a NUL.")
@configurable
@click.pass_obj
def report(settings: Settings, name: str | None, raw: bool) -> int:
    """List the reports of the last run, or print the report NAME."""
    from drdwrap import reports
    from drdwrap.present import show
    from drdwrap.record.state_directory import State

    if raw and settings.as_json:
        raise click.UsageError("-0 prints raw paths, and JSON has no room for them")
    state = State.of(settings.load())
    state.refuse_unreadable()
    directory = state.reports
    if name is None:
        found = {n: len(reports.read(directory, n)) for n in reports.names(directory)}
        show.report_list(settings, found)
    else:
        show.report(settings, name, reports.read(directory, name), raw=raw)
    return 0
