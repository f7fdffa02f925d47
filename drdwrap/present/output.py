"""The ways to stdout: a JSON object, or a console for tables; and sizes as a person reads them."""

import json
import sys
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console


def print_json(value: Any) -> None:
    """Print the one JSON object of a command."""
    print(json.dumps(value, indent=1))


def console() -> "Console":
    """Where tables go."""
    from rich.console import Console

    # Without a terminal nothing is cut to a width that nobody sees. Colour and bold are for
    # terminals only, even if the environment (FORCE_COLOR) asks for them everywhere.
    terminal = sys.stdout.isatty()
    return Console(highlight=False, force_terminal=terminal, width=None if terminal else 160)


def size_in_words(size: float) -> str:
    """A number of bytes in the largest unit that fits, such as `8.2 kB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.1f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
