"""`drdwrap umount`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Say what would be unmounted, and do nothing.")
@configurable
@click.pass_obj
def umount(settings: Settings, preview: bool) -> int:
    """Unmount the clone: all that is mounted at and below clone.root."""
    from drdwrap.actions import mount as action
    from drdwrap.present import show
    from drdwrap.sync.begin import locked

    config, log = settings.load(), settings.log()
    with locked(config, log):
        points = action.mount_points(config) if preview else action.umount(config, log)
    show.unmounted(settings, points)
    return 0
