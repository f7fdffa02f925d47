"""`drdwrap config`."""

import click

from drdwrap.cli.group import Group
from drdwrap.cli.options import before_command, configurable, shared
from drdwrap.cli.settings import Settings


@click.group(cls=Group, no_args_is_help=False)
@shared
@before_command(hidden=True)
def config() -> None:
    """Print a sample configuration file, or check yours."""


@config.command()
@shared
@click.pass_obj
def sample(settings: Settings) -> None:
    """Print a commented file with every key and its default."""
    from drdwrap.config.sample import sample as text
    from drdwrap.present.config import show_sample

    show_sample(settings.view, text())


@config.command()
@configurable
@click.pass_obj
def check(settings: Settings) -> None:
    """Report every problem of the configuration."""
    from drdwrap.config.load import DEFAULT_PATH
    from drdwrap.present.config import show_no_problems

    settings.load()
    default = str(DEFAULT_PATH) if DEFAULT_PATH.exists() else None
    show_no_problems(settings.view, settings.config or default)
