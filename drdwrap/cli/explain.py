"""`drdwrap explain`."""

import os

import click

from drdwrap.cli.options import configurable, not_empty
from drdwrap.cli.settings import Settings


@click.command()
@click.argument("path", callback=not_empty)
@configurable
@click.pass_obj
def explain(settings: Settings, path: str) -> None:
    """Show what would become of one path, and why.

    Shows PATH on both sides, and what the record says of it.
    """
    from drdwrap.actions import explain as action
    from drdwrap.present.explain import show_explanation

    explanation = settings.under_lock(
        lambda config, state, log: action.explain(config, state, log, os.fsencode(path)),
    )
    show_explanation(settings.view, explanation.as_json())
