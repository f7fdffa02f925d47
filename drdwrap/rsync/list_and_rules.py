"""Render the list and the filter rules for rsync from the Jinja2 templates.

Names are bytes: they pass through the templates as latin-1 text, which keeps every byte, and
nothing in a name is ever template source.
"""

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress

from drdwrap.linux import directories
from drdwrap.paths.patterns import Pattern, literal
from drdwrap.templates import environment


def files_from(paths: Sequence[bytes]) -> bytes:
    """The list of these paths, for `--files-from` with `--from0`."""
    return _render("files-from.j2", paths=[path.decode("latin-1") for path in paths])


def rules(excluded: Iterable[Pattern], hidden: Iterable[Pattern] = ()) -> bytes:
    """The rules that keep rsync out of what these patterns cover, for a `--from0` merge file.

    What is `excluded` is not deleted on the clone either; what is `hidden` may be.
    """
    return _render("rules.j2", excluded=_for_rsync(excluded), hidden=_for_rsync(hidden))


def _for_rsync(patterns: Iterable[Pattern]) -> list[str]:
    return [rule.decode("latin-1") for pattern in patterns for rule in pattern.rsync_patterns]


def mount_point(path: bytes) -> Pattern:
    """The pattern for all below a mount point, the mount point itself excepted."""
    return Pattern(literal(path).text + b"/*")


def _render(template: str, **values: object) -> bytes:
    text = environment("templates", lines=False).get_template(template).render(end="\0", **values)
    return text.encode("latin-1")


def write(directory: bytes, name: bytes, content: bytes) -> bytes:
    """Write a rendered file into `directory`, made if need be, and return its path."""
    directories.make(directory)
    path = directory + b"/" + name
    with suppress(FileNotFoundError):  # a FIFO there would be waited for
        os.unlink(path)
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    return path
