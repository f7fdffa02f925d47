"""Jinja2 for the templates in `templates/` and `shutdown/`."""

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from jinja2 import Environment


def template_directory(name: str) -> Path:
    """The folder `name` of templates: in the installed package, or beside it in a checkout."""
    installed = Path(__file__).parent / name
    return installed if installed.is_dir() else Path(__file__).parents[1] / name


@cache
def environment(folder: str, *, lines: bool) -> "Environment":
    """The environment for the templates in `folder`. `lines`: the rendered line ends matter."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    return Environment(
        loader=FileSystemLoader(template_directory(folder)),
        undefined=StrictUndefined,
        autoescape=False,  # noqa: S701 (for rsync, shells and units, not HTML)
        trim_blocks=lines,
        keep_trailing_newline=lines,
    )
