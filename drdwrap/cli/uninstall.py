"""`drdwrap uninstall`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.argument("what", type=click.Choice(["shutdown", "cron", "timer", "all"]))
@click.option("--root", metavar="DIR", default="/", help="Where it was installed.")
@click.option("--force", is_flag=True, help="Remove files that were edited as well.")
@configurable
@click.pass_obj
def uninstall(settings: Settings, what: str, root: str, force: bool) -> None:
    """Remove what 'drdwrap install' has installed.

    Settings that were edited stay. If another file was edited, nothing is removed. --force removes
    them all.
    """
    from drdwrap.actions import install as action
    from drdwrap.install.parts import PARTS
    from drdwrap.present.install import show_installed

    names = PARTS if what == "all" else (what,)
    done = action.uninstall(action.InstallTarget(root, force), names)
    show_installed(settings.view, done)
