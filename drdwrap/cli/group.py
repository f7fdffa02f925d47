"""Commands that have commands of their own, as `drdwrap` itself, `install` and `config` do."""

import click

from drdwrap.cli.settings import Settings


class Group(click.Group):
    """Passes on the options that were said before a command's name, and lists its commands with
    the first sentence of each one's help, whole."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        settings = ctx.ensure_object(Settings)
        said, settings.passed_on = settings.passed_on, []
        return name, command, [*said, *rest]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        commands = [(name, self.get_command(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl(
                [(name, first_sentence(command)) for name, command in commands if command]
            )


def first_sentence(command: click.Command) -> str:
    """The first sentence of a command's help: its short help."""
    first, period, _ = " ".join((command.help or "").split()).partition(". ")
    return first + period.rstrip()
