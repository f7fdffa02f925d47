"""`drdwrap umount`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Show what would be unmounted, and do nothing.")
@configurable
@click.pass_obj
def umount(settings: Settings, preview: bool) -> None:
    """Unmount the clone.

    Everything that is mounted on clone.root and below it is unmounted.
    """
    from drdwrap.actions import umount as action
    from drdwrap.present.mount import show_unmounted

    points = settings.under_lock(
        lambda config, _, log: (
            action.mount_points(config) if preview else action.umount(config, log)
        ),
    )
    show_unmounted(settings.view, points)
