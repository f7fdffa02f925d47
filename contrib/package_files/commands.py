"""The commands of drdwrap as click knows them, for what is made from them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import click

from drdwrap.cli import drdwrap
from drdwrap.cli.group import first_sentence


@dataclass(frozen=True)
class Command:
    """One command. `words`: its whole name, such as ("drdwrap", "install", "timer")."""

    words: tuple[str, ...]
    command: click.Command
    context: click.Context

    @property
    def page(self) -> str:
        """The name of its man page."""
        return "-".join(self.words)

    @property
    def summary(self) -> str:
        """What it does, without the period."""
        return first_sentence(self.command).rstrip(".")

    @property
    def paragraphs(self) -> list[str]:
        """Its help. A paragraph that begins with a backspace has lines that are kept."""
        return [p for p in (self.command.help or "").split("\n\n") if p.strip()]

    @property
    def arguments(self) -> list[str]:
        """What follows the name in the synopsis."""
        return self.command.collect_usage_pieces(self.context)

    @property
    def options(self) -> list[tuple[str, str]]:
        """The names and values of each option that is not hidden, and its help."""
        records = (
            parameter.get_help_record(self.context)
            for parameter in self.command.get_params(self.context)
            if isinstance(parameter, click.Option)
        )
        return [record for record in records if record]

    @property
    def children(self) -> list[Command]:
        """The commands of a group."""
        if not isinstance(self.command, click.Group):
            return []
        found = (
            (name, self.command.get_command(self.context, name))
            for name in self.command.list_commands(self.context)
        )
        return [_command((*self.words, name), c, self.context) for name, c in found if c]


def every_command() -> Iterator[Command]:
    """drdwrap itself, then each command, a group before its own."""
    return _with_children(_command(("drdwrap",), drdwrap, None))


def _command(
    words: tuple[str, ...], command: click.Command, parent: click.Context | None
) -> Command:
    settings = command.context_settings
    return Command(words, command, click.Context(command, parent, words[-1], **settings))


def _with_children(command: Command) -> Iterator[Command]:
    yield command
    for child in command.children:
        yield from _with_children(child)
