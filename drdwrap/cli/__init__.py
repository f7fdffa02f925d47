"""The command line. Each command is one file here, and is only read when it is called."""

from importlib import import_module
from typing import Any

import click

from drdwrap import __version__
from drdwrap.cli.options import Settings
from drdwrap.errors import DrdwrapError, Interrupted

_COMMANDS = {
    "accept": "let paths that the clone changed follow the booted system again",
    "check": "every precondition of a sync, with its verdict and a remedy",
    "clone": "make the clone on a disk, and fill it with all of the booted system",
    "config": "a sample configuration file; validation of yours",
    "demo": "the main job, on a throwaway pair of file systems made on the spot",
    "explain": "what would become of one path, and why",
    "install": "the sync at shutdown, and the periodic one",
    "mount": "mount the clone, to look at it or to patch it",
    "preview": "what a sync would copy, and why not the rest",
    "report": "list the reports, or print one",
    "status": "the pair, and how the last runs ended",
    "sync": "bring the clone up to the booted system",
    "umount": "unmount the clone",
    "uninstall": "remove what was installed",
}


class _Commands(click.Group):
    """Finds a command in the file of its name, and reads no other."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _COMMANDS:
            return None
        command = getattr(import_module(f"drdwrap.cli.{cmd_name}"), cmd_name)
        assert isinstance(command, click.Command)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """With --json an error is an object on stdout, besides its message on stderr."""
        try:
            return super().invoke(ctx)
        except (DrdwrapError, Interrupted, OSError) as error:
            settings = ctx.find_object(Settings)
            if settings and settings.as_json and not isinstance(error, BrokenPipeError):
                from drdwrap.present import show

                show.error(error)
            raise

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(_COMMANDS.items()))


@click.command(
    cls=_Commands,
    no_args_is_help=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Exit status: 0 success; 1 error, nothing or not all was done; 2 done, but for the files"
    " that are named.",
)
@click.option("--config", metavar="FILE", help="Default: /etc/drdwrap/drdwrap.yaml.")
@click.option("-v", "--verbose", count=True, help="Say more; repeatable.")
@click.option("-q", "--quiet", count=True, help="Say less; repeatable.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on stdout.")
@click.version_option(__version__)
@click.pass_context
def drdwrap(
    context: click.Context, config: str | None, verbose: int, quiet: int, as_json: bool
) -> None:
    """Keep an inactive, bootable clone of the running system in step, never losing a change."""
    context.obj = Settings(config=config, verbosity=verbose - quiet, as_json=as_json)
