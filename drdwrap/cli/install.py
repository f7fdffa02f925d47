"""`drdwrap install`."""

from collections.abc import Callable
from typing import Any

import click

from drdwrap.cli.options import Settings, configurable


def _common(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that all of them have. `-x`, `-X` and `--config` go into what is installed."""
    for option in (
        click.option("--program", metavar="PATH", help="The drdwrap to call, if not this one."),
        click.option("--force", is_flag=True, help="Overwrite files that were edited."),
        click.option("--root", metavar="DIR", default="/", help="A packager's tree."),
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
) -> int:
    from drdwrap.actions import install as action
    from drdwrap.install.program import Call
    from drdwrap.present import show

    config = settings.load(root)
    call = Call.of(program, settings.config, settings.overrides, settings.override_files)
    show.installed(settings, part(config, action.Request(root, force), call, when))
    return 0


@click.group(no_args_is_help=False)
def install() -> None:
    """Have drdwrap run by itself: at shutdown, and periodically.

    Twice changes nothing. A file that was edited since is not overwritten without --force.
    """


@install.command()
@click.option(
    "--init",
    type=click.Choice(["systemd", "sysv", "both"]),
    help="Default: what runs here; for a tree both.",
)
@_common
def shutdown(
    settings: Settings, init: str | None, root: str, force: bool, program: str | None
) -> int:
    """A sync as the machine goes down, and a message at boot if it failed."""
    from drdwrap.actions import install as action

    return _install(settings, root, force, program, action.shutdown, init)


@install.command()
@click.option("--schedule", default="17 3 * * *", show_default=True, help="As in crontab(5).")
@_common
def cron(settings: Settings, schedule: str, root: str, force: bool, program: str | None) -> int:
    """A periodic sync, by cron."""
    from drdwrap.actions import install as action

    return _install(settings, root, force, program, action.cron, schedule)


@install.command()
@click.option("--on-calendar", default="daily", show_default=True, help="As in systemd.time(7).")
@_common
def timer(settings: Settings, on_calendar: str, root: str, force: bool, program: str | None) -> int:
    """A periodic sync, by a systemd timer: made up for if the machine was off."""
    from drdwrap.actions import install as action

    return _install(settings, root, force, program, action.timer, on_calendar)
