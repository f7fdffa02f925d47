"""`drdwrap verify`."""

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command()
@click.option(
    "--contents",
    is_flag=True,
    help="Read every file that both sides have alike, and compare; ask the clone's package manager"
    " too. If it is interrupted, the next one goes on from there.",
)
@click.option(
    "--boot",
    is_flag=True,
    help="Start the clone's disk in a virtual machine (QEMU) without a network, which writes"
    " nothing to it, and wait until it is up.",
)
@click.option(
    "--deadline",
    type=click.IntRange(min=1),
    default=900,
    metavar="SECONDS",
    show_default=True,
    help="How long --boot waits.",
)
@configurable
@click.pass_obj
def verify(settings: Settings, contents: bool, boot: bool, deadline: int) -> int:
    """Check that the clone is what the record says, or that it boots.

    The exit status is 2 if contents differ, and if the clone comes up with units that fail or
    nothing can be told; it is 1 if the clone does not come up.
    """
    if contents == boot:
        raise click.UsageError("say either --contents or --boot")
    return _boot(settings, deadline) if boot else _contents(settings)


def _boot(settings: Settings, deadline: int) -> int:
    from drdwrap.actions import verify_boot as action
    from drdwrap.present.verify import show_boot

    verdict = settings.under_lock(
        lambda config, state, log: action.boot(config, state, log, deadline),
        title=action.TITLE,
    )
    settings.ended_with = verdict.exit_status
    show_boot(settings.view, verdict)
    return verdict.exit_status


def _contents(settings: Settings) -> int:
    from drdwrap.actions import verify as action
    from drdwrap.present.progress import progress_bar
    from drdwrap.present.verify import show_contents

    with progress_bar(settings.view, "compared") as tell:
        verdict = settings.under_lock(
            lambda config, state, log: action.contents(config, state, log, tell),
            title=action.CONTENTS_TITLE,
        )
    settings.ended_with = verdict.exit_status
    show_contents(settings.view, verdict)
    return verdict.exit_status
