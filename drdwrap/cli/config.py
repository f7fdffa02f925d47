"""`drdwrap config`."""

import click

from drdwrap.cli.options import Settings, configurable, shared


@click.group(no_args_is_help=False)
def config() -> None:
    """A sample configuration file; validation of yours."""


@config.command()
@shared
@click.pass_obj
def sample(settings: Settings) -> int:
    """Print a commented file with every key and its default."""
    from drdwrap.config.sample import sample as text
    from drdwrap.present import show

    show.sample(settings, text())
    return 0


@config.command()
@configurable
@click.pass_obj
def check(settings: Settings) -> int:
    """Name every problem of the configuration, or say that there is none."""
    from drdwrap.config.load import DEFAULT_PATH
    from drdwrap.present import show

    settings.load()
    default = str(DEFAULT_PATH) if DEFAULT_PATH.exists() else None
    show.configuration(settings, settings.config or default)
    return 0
