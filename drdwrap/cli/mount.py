"""`drdwrap mount`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Show what would be mounted, and do nothing.")
@click.option(
    "--for-patching",
    is_flag=True,
    help="Let programs run on the clone, and mount /dev, /proc and /sys: chroot there to patch it.",
)
@configurable
@click.pass_obj
def mount(settings: Settings, preview: bool, for_patching: bool) -> None:
    """Mount the clone, to look at it or to patch it.

    It is mounted on the directory that clone.root names.
    """
    from drdwrap.actions import mount as action
    from drdwrap.actions.around_run import under_lock
    from drdwrap.present.mount import show_mounted

    config = settings.load()
    mounted = under_lock(
        config,
        settings.log(),
        lambda config, state, log: (
            action.planned(config, state)
            if preview
            else action.mount(config, state, log, for_patching=for_patching)
        ),
    )
    show_mounted(settings.view, config.clone.root, mounted)
