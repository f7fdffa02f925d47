"""The man pages say what the program says, and groff and mandoc find nothing wrong in them."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest

from contrib.package_files import roff
from contrib.package_files.commands import Command, every_command
from contrib.package_files.man import man_pages, sections
from drdwrap.config.sample import flow
from drdwrap.config.schema import settings

COMMANDS = list(every_command())
pages = cache(man_pages)


def shown(page: str) -> str:
    """A page as a reader sees it, in lines that are not broken. groff has nothing to warn of."""
    done = subprocess.run(
        ["man", "--warnings=w", "--local-file", "-"],
        input=page,
        env={"MANWIDTH": "1000", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == ""
    return done.stdout


def plain(name: str) -> str:
    """A page as a reader sees it, on one line."""
    return " ".join(shown(pages()[name]).split())


def by_name(command: Command) -> str:
    return command.page


def test_each_command_has_a_page() -> None:
    assert set(pages()) == {f"{command.page}.8" for command in COMMANDS} | {"drdwrap.yaml.5"}
    assert {"drdwrap.8", "drdwrap-sync.8", "drdwrap-install-shutdown.8"} <= set(pages())


@pytest.mark.skipif(not shutil.which("man"), reason="no man is installed")
@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_a_page_has_the_help_every_option_and_every_command(command: Command) -> None:
    page = plain(f"{command.page}.8")
    assert f"SYNOPSIS {' '.join((*command.words, *command.arguments))} DESCRIPTION" in page
    for paragraph in command.paragraphs:
        assert " ".join(paragraph.split()) in page
    assert command.options
    for names, text in command.options:
        assert text, f"{names} has no help"
        assert f"{names} {' '.join(text.split())}" in page
    for option in command.command.params:
        if isinstance(option, click.Option) and not option.hidden:
            assert all(name in page for name in option.opts)
    for child in command.children:
        assert f"{child.page}(8) {child.summary}." in page


@pytest.mark.skipif(not shutil.which("man"), reason="no man is installed")
def test_the_page_of_the_configuration_has_every_key() -> None:
    page = plain("drdwrap.yaml.5")
    for setting in settings():
        assert f"{setting.key} {' '.join(setting.description.split())}" in page
        for example in setting.schema.get("examples", []):
            assert f"Example: {flow(example)}" in page


def test_every_reference_between_the_pages_leads_to_one() -> None:
    for name, page in pages().items():
        for other, section in re.findall(r"^\.BR (drdwrap\S*) \((\d)\)", page, re.MULTILINE):
            assert other.replace("\\", "") + f".{section}" in pages(), name


@pytest.mark.parametrize("command", COMMANDS, ids=by_name)
def test_the_examples_are_command_lines_that_the_program_takes(command: Command) -> None:
    lines = [
        line
        for example in sections().get(command.page, {}).get("examples", [])
        for line in example["run"].splitlines()
    ]
    for line in lines:
        words = shlex.split(re.split(r" [|>] ", line)[0])
        if words[0] == "drdwrap":
            _parse(COMMANDS[0], words[1:])


def _parse(command: Command, words: list[str]) -> None:
    with command.command.make_context(command.page, words, parent=command.context.parent) as made:
        rest = [*made._protected_args, *made.args]  # what a group leaves to its commands
    children = {child.words[-1]: child for child in command.children}
    if children:
        assert rest[0] in children, words
        _parse(children[rest[0]], rest[1:])


@pytest.mark.skipif(not shutil.which("mandoc"), reason="no mandoc is installed")
def test_mandoc_finds_nothing(tmp_path: Path) -> None:
    for name, page in pages().items():
        (tmp_path / name).write_text(page)
    done = subprocess.run(
        ["mandoc", "-T", "lint", "-W", "style", *sorted(pages())],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout + done.stderr == ""


FILTERS = (roff.literal, roff.prose, roff.value)
SPECIAL = (
    ".SH evil",
    "'br",
    r"a \fBb\fR \n(yr \(co",
    "--full-scan",
    "a^b~c`d",
    '"quoted"',
    "non-empty",
)


@pytest.mark.skipif(not shutil.which("man"), reason="no man is installed")
def test_what_is_special_to_roff_comes_out_as_it_is() -> None:
    written = [escaped(text) for text in SPECIAL for escaped in FILTERS]
    lines = shown(".TH X 1\n.SH TEXT\n" + "\n.PP\n".join(written) + "\n").splitlines()
    found = [line.strip() for line in lines[3:-1] if line.strip()]
    assert found == [text for text in SPECIAL for _ in FILTERS]
