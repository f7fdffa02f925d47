"""The options that commands share, and what follows from them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from drdwrap.config.model import Config
    from drdwrap.log import Log


@dataclass
class Settings:
    """What was said on the command line, before and after the command. `verbosity` is relative."""

    config: str | None = None
    verbosity: int = 0
    as_json: bool = False
    overrides: list[str] = field(default_factory=list)
    override_files: list[str] = field(default_factory=list)

    def load(self, root: str = "/") -> "Config":
        """The configuration with all overrides; unless one is named, that of the system in `root`.

        ConfigError.
        """
        from drdwrap.config.load import DEFAULT_PATH, load

        path = Path(self.config) if self.config is not None else None
        default = Path(root, str(DEFAULT_PATH).lstrip("/"))
        return load(path, self.overrides, [Path(name) for name in self.override_files], default)

    def log(self) -> "Log":
        """The log at the verbosity asked for."""
        from drdwrap.log import Log, default_verbosity

        return Log(max(0, min(5, default_verbosity() + self.verbosity)))


def not_empty(
    _context: click.Context, _argument: click.Parameter, value: str | tuple[str, ...]
) -> str | tuple[str, ...]:
    """A path, or several; an empty one (of a variable that is not set, say) is not the root."""
    if "" in ([value] if isinstance(value, str) else value):
        raise click.BadParameter("an empty name is no path")
    return value


def shared(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that every command takes after its name too. They go to the Settings."""

    def note(context: click.Context, parameter: click.Parameter, value: Any) -> None:
        settings = context.ensure_object(Settings)
        if parameter.name == "verbose":
            settings.verbosity += value
        elif parameter.name == "quiet":
            settings.verbosity -= value
        elif parameter.name == "as_json":
            settings.as_json = settings.as_json or value
        elif parameter.name == "config" and value is not None:
            settings.config = value

    for option in (
        # Before -x '?', which ends it all.
        click.option(
            "--json", "as_json", is_flag=True, is_eager=True, help="One JSON object on stdout."
        ),
        click.option("-q", "--quiet", count=True, help="Say less; repeatable."),
        click.option("-v", "--verbose", count=True, help="Say more; repeatable."),
        click.option("--config", metavar="FILE", help="The configuration file."),
    ):
        command = _silent(option, note)(command)
    return command


def configurable(command: Callable[..., Any]) -> Callable[..., Any]:
    """`-x key=value` and `-X FILE`, as DRD has them, besides the shared options."""

    def note(context: click.Context, parameter: click.Parameter, value: tuple[str, ...]) -> None:
        settings = context.ensure_object(Settings)
        if parameter.name == "overrides":
            if "?" in value:
                _list_keys(settings)
                context.exit(0)
            settings.overrides += value
        else:
            settings.override_files += value

    for option in (
        click.option("-X", "override_files", metavar="FILE", multiple=True, help="Lines of them."),
        click.option(
            "-x",
            "overrides",
            metavar="KEY=VALUE",
            multiple=True,
            help="A configuration key, dotted; -x '?' lists them.",
        ),
    ):
        command = _silent(option, note)(command)
    return shared(command)


def _silent(option: Any, note: Callable[..., None]) -> Any:
    """An option whose value goes to `note` and not to the command's function."""

    def decorate(command: Callable[..., Any]) -> Callable[..., Any]:
        decorated: Callable[..., Any] = option(command)
        parameters = getattr(decorated, "__click_params__")  # noqa: B009
        parameters[-1].callback = note
        parameters[-1].expose_value = False
        return decorated

    return decorate


def _list_keys(settings: Settings) -> None:
    from drdwrap.config.sample import keys
    from drdwrap.present import show

    show.keys(settings, keys())
