"""What the pages name exists: other pages and their headings, files of the repository, commands."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import click
import pytest

from drdwrap.cli import drdwrap

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    str(path.relative_to(ROOT))
    for pattern in ("*.md", "docs/*.md", "shutdown/*.md", "templates/**/*.md", "contrib/**/*.md")
    for path in ROOT.glob(pattern)
)
FOLDERS = (
    *("drdwrap", "tests", "docs", "bench", "vagrant", "templates", "shutdown"),
    *("contrib", "debian"),
)
BLOCK = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
IN_BLOCK = re.compile(r"(?:^(?:[$#] |sh tests/env )?|')drdwrap ([^'\n]+)", re.MULTILINE)
IN_PROSE = re.compile(r"`drdwrap ([^`]+)`")


@cache
def read(page: str) -> str:
    return (ROOT / page).read_text()


@cache
def prose(page: str) -> str:
    """The page without its blocks of code."""
    return BLOCK.sub("", read(page))


def anchors(page: str) -> set[str]:
    """GitHub's, of each heading."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-") for text in headings}


@cache
def files() -> tuple[str, ...]:
    return tuple(
        f"/{path.relative_to(ROOT)}" for folder in FOLDERS for path in (ROOT / folder).rglob("*.*")
    )


def test_there_are_pages() -> None:
    assert {"README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/sync.md"} <= set(PAGES)


@pytest.mark.parametrize("page", PAGES)
def test_links_lead_somewhere(page: str) -> None:
    links = [
        link
        for link in re.findall(r"\]\(([^)\s]+)\)", prose(page))
        if not link.startswith("https:")
    ]
    for link in links:
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.is_file(), link
        if anchor:
            assert anchor in anchors(str(target.resolve().relative_to(ROOT))), link


@pytest.mark.parametrize("page", PAGES)
def test_files_of_the_repository_exist(page: str) -> None:
    """Files named from its root, and modules named by the end of their path."""
    named = re.findall(r"`([\w.-]+(?:/[\w.-]*)*)`", prose(page))
    for name in named:
        if name.startswith(tuple(f"{folder}/" for folder in FOLDERS)):
            assert (ROOT / name).exists(), name
        elif name.endswith(".py"):
            assert any(file.endswith(f"/{name}") for file in files()), name
        elif name.endswith("/") and page == "docs/internals.md":  # seen from drdwrap/
            assert (ROOT / "drdwrap" / name).is_dir(), name


@pytest.mark.parametrize("page", PAGES)
def test_commands_and_their_options_exist(page: str) -> None:
    calls = IN_PROSE.findall(prose(page))
    for block in BLOCK.findall(read(page)):
        calls += IN_BLOCK.findall(block)
    for call in calls:
        words = call.partition("  #")[0].split()
        while words and words[0].startswith("-"):  # before the command
            words = words[2 if words[0] in ("-x", "-X", "--config") else 1 :]
        command: click.Command = drdwrap
        while words and isinstance(command, click.Group):
            found = command.get_command(click.Context(command), words.pop(0))
            assert found is not None, call
            command = found
        if "--" in words:  # what follows is another program's
            words = words[: words.index("--")]
        known = {name for option in command.params for name in option.opts} | {"--help"}
        assert {word for word in words if word.startswith("-")} <= known, call
