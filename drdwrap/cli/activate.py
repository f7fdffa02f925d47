"""`drdwrap activate`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option("-p", "--preview", is_flag=True, help="Show what would be written, and do nothing.")
@click.option("--once", is_flag=True, help="Start it once: the boot after that starts this image.")
@click.option("--permanent", is_flag=True, help="Start it from now on, without a trial.")
@click.option("--reboot", is_flag=True, help="Reboot at once.")
@click.option(
    "--despite-incomplete-sync",
    is_flag=True,
    help="Activate it although a sync was cut off or failed, and although the one at shutdown may.",
)
@click.option(
    "--leave-databases",
    is_flag=True,
    help="Activate it although the other image does not get the databases that are held back.",
)
@configurable
@click.pass_obj
def activate(
    settings: Settings,
    preview: bool,
    once: bool,
    permanent: bool,
    reboot: bool,
    despite_incomplete_sync: bool,
    leave_databases: bool,
) -> None:
    """Let the next boot start the other image, on trial.

    If it does not come up, or a command of activation.health fails, the machine goes back to this
    image by itself, once. After a good trial the other image is started from then on.
    """
    from drdwrap.actions import activate as action
    from drdwrap.boot.selection.pending import ONCE, PERMANENT, TRIAL
    from drdwrap.install.program import Call
    from drdwrap.linux import reboot as rebooting
    from drdwrap.present.activate import show_activated

    if once and permanent:
        raise click.UsageError("--once and --permanent exclude each other")
    call = Call.of(None, settings.config, settings.overrides, settings.override_files)
    request = action.ActivateRequest(
        ONCE if once else PERMANENT if permanent else TRIAL,
        call.words("status", "--after-boot"),
        preview,
        despite_incomplete_sync,
        leave_databases,
    )
    done = settings.under_lock(
        lambda config, state, log: action.activate(config, state, log, request),
        title="" if preview else action.TITLE,
    )
    show_activated(settings.view, done, preview=preview)
    if reboot and not preview:
        rebooting.reboot()
