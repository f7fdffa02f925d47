"""`drdwrap explain`."""

import os

import click

from drdwrap.cli.options import Settings, configurable, not_empty


@click.command()
@click.argument("path", callback=not_empty)
@configurable
@click.pass_obj
def explain(settings: Settings, path: str) -> int:
    """Show both sides of PATH, what the record says, and what would become of it and why."""
    from drdwrap.actions import explain as action
    from drdwrap.present import show
    from drdwrap.sync.begin import locked

    config, log = settings.load(), settings.log()
    with locked(config, log) as state:
        explanation = action.explain(config, state, log, os.fsencode(path))
    show.explanation(settings, explanation.as_json())
    return 0
