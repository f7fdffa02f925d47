"""`drdwrap clone`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Say what would be done, and do nothing.")
@click.option("--overwrite", is_flag=True, help="Replace all that is on the clone.")
@configurable
@click.pass_obj
def clone(settings: Settings, preview: bool, overwrite: bool) -> int:
    """Fill the clone with all of the booted system, and begin its record."""
    from drdwrap.actions import fill as action
    from drdwrap.cli.running import run
    from drdwrap.present import show

    with show.progress(settings, "clone") as tell:
        request = action.Request(preview=preview, overwrite=overwrite, tell=tell)
        outcome = run(
            settings,
            "clone-preview" if preview else "clone",
            "Clone System Image" + (" Preview" if preview else ""),
            lambda config, state, log: action.fill(config, state, log, request),
            hooks=not preview,
        )
    assert outcome is not None
    show.outcome(settings, outcome, always=preview)
    return outcome.exit_status
