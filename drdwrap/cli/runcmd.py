"""`drdwrap runcmd`."""

import os

import click

from drdwrap.cli.options import configurable
from drdwrap.cli.settings import Settings


@click.command(
    context_settings={"allow_interspersed_args": False},
    options_metavar="[OPTIONS]",
)
@click.option("--shell", is_flag=True, help="Start an interactive shell instead of a command.")
@click.option(
    "--upgrade",
    is_flag=True,
    help="Upgrade all packages (apt-get or dnf) without questions. Configuration files that were"
    " changed are kept.",
)
@click.argument("command", nargs=-1, type=click.UNPROCESSED)
@configurable
@click.pass_obj
def runcmd(settings: Settings, shell: bool, upgrade: bool, command: tuple[str, ...]) -> int:
    """Run a command on the clone, and nothing of it on the running system.

    COMMAND and its arguments are passed on as they are, without a shell; write '--' before it. No
    service is started on the running system, none of its processes can be signalled, and its disks
    and boot entries are out of reach. Afterwards drdwrap checks whether the clone still boots by
    itself. The exit status is that of the command, or 2 if the command succeeded and a check did
    not.
    """
    from drdwrap.actions import runcmd as action
    from drdwrap.present.runcmd import show_outcome

    if [shell, upgrade, bool(command)].count(True) != 1:
        raise click.UsageError("say a command (after '--'), or --shell, or --upgrade: one of them")
    words = tuple(map(os.fsencode, command))
    request = action.RuncmdRequest(words, upgrade=upgrade, quiet_output=settings.as_json)
    outcome = settings.under_lock(
        lambda config, state, log: action.runcmd(config, state, log, request),
        title=action.TITLE,
    )
    settings.ended_with = outcome.exit_status
    show_outcome(settings.view, outcome)
    return outcome.exit_status
