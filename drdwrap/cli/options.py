"""The options that commands share, before a command's name and after it."""

from collections.abc import Callable
from typing import Any

import click

from drdwrap.cli.settings import Settings, list_keys

_Note = Callable[[click.Context, click.Parameter, Any], None]
_Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def not_empty(
    _context: click.Context, _argument: click.Parameter, value: str | tuple[str, ...]
) -> str | tuple[str, ...]:
    """One path or several. An empty one is refused: a variable that is not set is not the root."""
    if "" in ([value] if isinstance(value, str) else value):
        raise click.BadParameter("an empty name is no path")
    return value


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command has, before its name and after it."""
    return _with_options(
        command,
        _noted(
            _note_config,
            "--config",
            metavar="FILE",
            help="The configuration file (default: /etc/drdwrap/drdwrap.yaml).",
        ),
        _noted(_note_verbosity, "-v", "--verbose", count=True, help="Say more; repeatable."),
        _noted(_note_verbosity, "-q", "--quiet", count=True, help="Say less; repeatable."),
        # Eager, so that it is known when -x '?' lists the keys and ends.
        _noted(
            _note_json,
            "--json",
            is_flag=True,
            is_eager=True,
            help="Print one JSON object on stdout.",
        ),
    )


def configurable(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-x key=value` and `-X FILE`, as DRD has them, and the shared options."""
    return shared(_with_options(command, *_override_options(_note_overrides)))


def before_command(*, hidden: bool = False) -> _Decorator:
    """The options that may stand before a command's name too, and are passed on to the command.

    A command that does not have one of them refuses it, as it does after its name.
    """
    preview = _noted(
        _pass_on,
        "-p",
        "--preview",
        is_flag=True,
        hidden=hidden,
        help="Only show what would be done.",
    )
    options = (preview, *_override_options(_pass_on, hidden=hidden))
    return lambda group: _with_options(group, *options)


def _override_options(note: _Note, *, hidden: bool = False) -> tuple[_Decorator, _Decorator]:
    return (
        _noted(
            note,
            "-x",
            "overrides",
            metavar="KEY=VALUE",
            multiple=True,
            hidden=hidden,
            help="Set a configuration key for this run; repeatable. '?' lists the keys.",
        ),
        _noted(
            note,
            "-X",
            "override_files",
            metavar="FILE",
            multiple=True,
            hidden=hidden,
            help="Read lines of KEY=VALUE from this file; repeatable.",
        ),
    )


def _noted(note: _Note, *names: str, **more: Any) -> _Decorator:
    """An option whose value goes to `note` and not to the command's function."""
    return click.option(*names, expose_value=False, callback=note, **more)


def _with_options(command: Callable[..., Any], *options: _Decorator) -> Callable[..., Any]:
    """`command` with these options in this order."""
    for option in reversed(options):
        command = option(command)
    return command


def _note_config(context: click.Context, _option: click.Parameter, value: str | None) -> None:
    if value is not None:
        context.ensure_object(Settings).config = value


def _note_verbosity(context: click.Context, option: click.Parameter, value: int) -> None:
    context.ensure_object(Settings).verbosity += value if option.name == "verbose" else -value


def _note_json(context: click.Context, _option: click.Parameter, value: bool) -> None:
    if value:
        context.ensure_object(Settings).as_json = True


def _note_overrides(
    context: click.Context, option: click.Parameter, value: tuple[str, ...]
) -> None:
    settings = context.ensure_object(Settings)
    if option.name == "override_files":
        settings.override_files += value
        return
    if "?" in value:
        list_keys(settings)
        context.exit()
    settings.overrides += value


def _pass_on(
    context: click.Context, option: click.Parameter, value: bool | tuple[str, ...]
) -> None:
    passed_on = context.ensure_object(Settings).passed_on
    name = option.opts[0]
    if isinstance(value, tuple):
        passed_on += [word for text in value for word in (name, text)]
    elif value:
        passed_on.append(name)
