"""The configuration: its keys, the sample file, and that a file is good."""

import os
from collections.abc import Iterable

from drdwrap.paths.escaping import for_screen
from drdwrap.present.output import print_json
from drdwrap.present.view import View


def show_no_problems(view: View, path: str | None) -> None:
    """The configuration file at `path` has no problems; None is for no file."""
    if view.as_json:
        print_json({"file": path, "ok": True})
    elif path is None:
        print("There is no configuration file: every key has its default.")
    else:
        print(f"{for_screen(os.fsencode(path))}: no problems found")


def show_sample(view: View, text: str) -> None:
    """Print the sample configuration file."""
    if view.as_json:
        print_json({"sample": text})
    else:
        print(text, end="")


def show_keys(view: View, found: Iterable[tuple[str, str, str]]) -> None:
    """List the configuration's keys: each with its default and what it means."""
    if view.as_json:
        titles = ("key", "default", "meaning")
        print_json({"keys": [dict(zip(titles, one, strict=True)) for one in found]})
        return
    for key, default, meaning in found:
        print(f"{key}={default}\n    {meaning}")
