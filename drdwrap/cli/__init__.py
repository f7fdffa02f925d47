"""The command line. Each command is one file here, which is read when the command is called."""

from importlib import import_module

import click

from drdwrap import __version__
from drdwrap.cli.group import Group
from drdwrap.cli.options import before_command, shared
from drdwrap.cli.settings import list_keys

_COMMANDS = (
    "accept",
    "activate",
    "check",
    "clone",
    "config",
    "deactivate",
    "demo",
    "explain",
    "install",
    "mount",
    "preview",
    "report",
    "reverse",
    "runcmd",
    "status",
    "sync",
    "umount",
    "uninstall",
    "verify",
)


class _Commands(Group):
    """Finds a command in the file of its name; only `--help` reads all of them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"drdwrap.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.command(
    cls=_Commands,
    invoke_without_command=True,
    no_args_is_help=False,
    subcommand_metavar="COMMAND [ARGS]...",
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 everything was done; 1 error: nothing was done, or not everything;"
    " 2 done, except for the files that are named.",
)
@shared
@before_command()
@click.version_option(__version__)
@click.pass_context
def drdwrap(context: click.Context) -> None:
    """Keep an inactive, bootable clone of the running system up to date.

    What was changed on the clone is never overwritten. The options below may also follow the
    command.
    """
    if context.invoked_subcommand is not None:
        return
    settings = context.obj
    if "?" not in settings.passed_on:
        context.fail("Missing command.")
    list_keys(settings)  # drdwrap -x '?'
