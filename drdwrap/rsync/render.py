"""Render the list and the filter rules for rsync from the Jinja2 templates.

Names are bytes: they pass through the templates as latin-1 text, which keeps every byte, and
nothing in a name is ever template source.
"""

import os
from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from drdwrap.inventory.patterns import Pattern, literal

if TYPE_CHECKING:
    from jinja2 import Environment


def template_directory(name: str) -> Path:
    """The folder `name` of templates: in the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent.parent / name
    return installed if installed.is_dir() else Path(__file__).parents[2] / name


@cache
def environment(folder: str, *, lines: bool) -> "Environment":
    """What renders the templates in `folder`. `lines`: line ends are part of what they make."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(template_directory(folder)),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (for rsync, shells and units, not HTML)
        trim_blocks=lines,
        keep_trailing_newline=lines,
    )


def files_from(paths: Sequence[bytes]) -> bytes:
    """The list of these paths, for `--files-from` with `--from0`."""
    return _render("files-from.j2", paths=[path.decode("latin-1") for path in paths])


def rules(excluded: Iterable[Pattern]) -> bytes:
    """The rules that keep rsync out of what these patterns cover, for a `--from0` merge file."""
    patterns = [rule for pattern in excluded for rule in pattern.rsync_patterns]
    return _render("rules.j2", excluded=[pattern.decode("latin-1") for pattern in patterns])


def mount_point(path: bytes) -> Pattern:
    """The pattern for all below a mount point, the mount point itself excepted."""
    return Pattern(literal(path).text + b"/*")


def _render(template: str, **values: object) -> bytes:
    text = environment("templates", lines=False).get_template(template).render(end="\0", **values)
    return text.encode("latin-1")


def write(directory: bytes, name: bytes, content: bytes) -> bytes:
    """Write a rendered file into `directory`, made if need be, and return its path."""
    os.makedirs(directory, mode=0o700, exist_ok=True)
    path = directory + b"/" + name
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW
    with open(os.open(path, flags, 0o600), "wb") as file:
        file.write(content)
    return path
