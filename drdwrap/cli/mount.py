"""`drdwrap mount`."""

import click

from drdwrap.cli.options import Settings, configurable


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Say what would be mounted, and do nothing.")
@click.option(
    "--for-patching",
    is_flag=True,
    help="So that programs run in it: chroot there to patch it.",
)
@configurable
@click.pass_obj
def mount(settings: Settings, preview: bool, for_patching: bool) -> int:
    """Mount the clone below the directory that clone.root names."""
    from drdwrap.actions import mount as action
    from drdwrap.present import show
    from drdwrap.sync.begin import locked

    config, log = settings.load(), settings.log()
    with locked(config, log) as state:
        if preview:
            mounted = action.planned(config, state)
        else:
            mounted = action.mount(config, state, log, for_patching=for_patching)
    show.mounted(settings, config.clone.root, mounted)
    return 0
