"""What `--help` says of the commands: each says it once, in its own docstring."""

import os
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import click
import pytest

from drdwrap import cli
from drdwrap.cli.group import first_sentence

SHARED = {"group", "options", "settings"}
COMMANDS = sorted(
    file.stem
    for file in Path(cli.__file__).parent.glob("*.py")
    if file.stem != "__init__" and file.stem not in SHARED
)
GROUPS: dict[tuple[str, ...], click.Group] = {(): cli.drdwrap} | {
    (name,): getattr(import_module(f"drdwrap.cli.{name}"), name) for name in ("config", "install")
}


def help_of(*command: str, columns: int = 80) -> str:
    return subprocess.run(
        [sys.executable, "-m", "drdwrap", *command, "--help"],
        env={**os.environ, "COLUMNS": str(columns)},
        capture_output=True,
        check=True,
        text=True,
    ).stdout


def test_every_file_with_a_command_is_listed() -> None:
    assert cli.drdwrap.list_commands(click.Context(cli.drdwrap)) == COMMANDS


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("group", GROUPS, ids=" ".join)
def test_each_command_is_listed_with_its_whole_first_sentence(
    group: tuple[str, ...], columns: int
) -> None:
    told = help_of(*group, columns=columns)
    assert "..." not in told.replace("[ARGS]...", "")
    words = " ".join(told.split())
    command = GROUPS[group]
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None and found.help
        sentence = first_sentence(found)
        assert sentence.endswith(".") and found.help.split()[0] == sentence.split()[0]
        assert f"{name} {sentence}" in words
