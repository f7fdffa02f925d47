"""The man pages: one for each command, from click, and one for the configuration, from the schema.

What a page has beside that (examples, files, exit statuses of its own) is in `sections.yaml`.
"""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from contrib.package_files import roff
from contrib.package_files.commands import every_command
from drdwrap import __version__
from drdwrap.config.sample import flow, value_in_words
from drdwrap.config.schema import settings

HERE = Path(__file__).parent
CONFIG_PAGE = "drdwrap.yaml"


def man_pages() -> dict[str, str]:
    """Every page by the name of its file, such as `drdwrap-sync.8`."""
    commands = list(every_command())
    extra = sections()
    pages = {}
    for command in commands:
        own = extra.get(command.page, {})
        pages[f"{command.page}.8"] = _render(
            "command.8.j2",
            command=command,
            exit_statuses=own.get("exit_statuses", extra["every command"]["exit_statuses"]),
            files={**extra["every command"]["files"], **own.get("files", {})},
            environment=extra["every command"]["environment"],
            examples=own.get("examples", []),
            see_also=_see_also(command.page, [c.page for c in commands], own.get("see_also", [])),
        )
    pages[f"{CONFIG_PAGE}.5"] = _render(
        "config.5.j2", settings=list(settings()), flow=flow, value_in_words=value_in_words
    )
    return pages


def sections() -> dict[str, Any]:
    """`sections.yaml`: by the name of a page, what it has beside what click knows."""
    found: dict[str, Any] = yaml.safe_load((HERE / "sections.yaml").read_text(encoding="utf-8"))
    return found


def _see_also(page: str, pages: list[str], more: list[str]) -> list[tuple[str, str]]:
    """Names and sections of other pages, sorted. drdwrap's own page names all of drdwrap's; the
    others name it, the pages of their group, and what they ask for if it is there."""
    group = page.rpartition("-")[0]
    own = {p for p in pages if page == "drdwrap" or p == group or p.rpartition("-")[0] == page}
    own |= {p for p in more if p in pages}
    found = {(p, "8") for p in own | {"drdwrap"} if p != page} | {(CONFIG_PAGE, "5")}
    for name, _, section in (reference.partition("(") for reference in more):
        if section:
            found.add((name, section.rstrip(")")))
    return sorted(found, key=lambda reference: (reference[1], reference[0]))


def _render(template: str, **values: Any) -> str:
    environment = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        undefined=StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "literal": roff.literal,
        "value": roff.value,
        "prose": roff.prose,
        "option": roff.option,
        "flow": flow,
    }
    return environment.get_template(template).render(date=_date(), version=__version__, **values)


def _date() -> str:
    """Of the build, or as a packager has it: https://reproducible-builds.org/specs/"""
    seconds = int(os.environ.get("SOURCE_DATE_EPOCH", time.time()))
    return time.strftime("%Y-%m-%d", time.gmtime(seconds))
