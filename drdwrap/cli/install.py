"""`drdwrap install`."""

from collections.abc import Callable
from typing import Any

import click

from drdwrap.cli.group import Group
from drdwrap.cli.options import before_command, configurable, shared
from drdwrap.cli.settings import Settings


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all of them have. `-x`, `-X` and `--config` go into what is installed."""
    for option in (
        click.option("--program", metavar="PATH", help="The drdwrap to run (default: this one)."),
        click.option("--force", is_flag=True, help="Overwrite files that were edited."),
        click.option(
            "--root",
            metavar="DIR",
            default="/",
            help="Install below this directory, for packaging.",
        ),
    ):
        command = option(command)
    return click.pass_obj(configurable(command))


def _install(
    settings: Settings,
    root: str,
    force: bool,
    program: str | None,
    part: Callable[..., Any],
    when: str | None,
) -> None:
    from drdwrap.actions import install as action
    from drdwrap.install.program import Call
    from drdwrap.present.install import show_installed

    config = settings.load(root)
    call = Call.of(program, settings.config, settings.overrides, settings.override_files)
    show_installed(settings.view, part(config, action.InstallTarget(root, force), call, when))


@click.group(cls=Group, no_args_is_help=False)
@shared
@before_command(hidden=True)
def install() -> None:
    """Install the sync at shutdown, or a periodic sync.

    Installing again changes nothing. A file that was edited since is not overwritten without
    --force.
    """


@install.command()
@click.option(
    "--init",
    type=click.Choice(["systemd", "sysv", "both"]),
    help="The init system (default: the one that runs; with --root both).",
)
@_common
def shutdown(
    settings: Settings, init: str | None, root: str, force: bool, program: str | None
) -> None:
    """Sync as the machine goes down, and show a message at the next boot if it failed."""
    from drdwrap.actions import install as action

    _install(settings, root, force, program, action.shutdown, init)


@install.command()
@click.option("--schedule", default="17 3 * * *", show_default=True, help="When, as in crontab(5).")
@_common
def cron(settings: Settings, schedule: str, root: str, force: bool, program: str | None) -> None:
    """Sync periodically with cron."""
    from drdwrap.actions import install as action

    _install(settings, root, force, program, action.cron, schedule)


@install.command()
@click.option(
    "--on-calendar", default="daily", show_default=True, help="When, as in systemd.time(7)."
)
@_common
def timer(
    settings: Settings, on_calendar: str, root: str, force: bool, program: str | None
) -> None:
    """Sync periodically with a systemd timer.

    A sync that was missed because the machine was off runs at the next boot.
    """
    from drdwrap.actions import install as action

    _install(settings, root, force, program, action.timer, on_calendar)
