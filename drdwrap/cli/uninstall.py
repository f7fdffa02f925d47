"""`drdwrap uninstall`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.argument("what", type=click.Choice(["shutdown", "cron", "timer", "all"]))
@click.option("--root", metavar="DIR", default="/", help="A packager's tree.")
@click.option("--force", is_flag=True, help="Remove files that were edited as well.")
@configurable
@click.pass_obj
def uninstall(settings: Settings, what: str, root: str, force: bool) -> int:
    """Remove what 'drdwrap install' has installed; settings that were edited stay."""
    from drdwrap.actions import install as action
    from drdwrap.install.parts import PARTS
    from drdwrap.present import show

    names = PARTS if what == "all" else (what,)
    done = action.uninstall(action.Request(root, force), names)
    show.installed(settings, done)
    return 0
