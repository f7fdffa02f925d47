"""One thing that is wrong with a configuration, and how it is written."""

from dataclasses import dataclass

from drdwrap.paths.escaping import for_screen

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class Problem:
    """What is wrong (`message`), with which key if any, in which line (from 1; 0 for no line)."""

    message: str
    path: KeyPath = ()
    line: int = 0

    @property
    def key(self) -> str:
        """The dotted key, such as `hooks.before[0]`."""
        return dotted(self.path)


def dotted(path: KeyPath) -> str:
    """`path` as a dotted key; the items of a list are counted from 0."""
    text = ""
    for part in path:
        if isinstance(part, int):
            text += f"[{part}]"
        else:
            text += f".{shown(part)}" if text else shown(part)
    return text


def shown(text: str) -> str:
    """`text` from a configuration, harmless on a terminal and in a log."""
    try:
        return for_screen(text.encode("utf-8", "surrogateescape"))
    except UnicodeEncodeError:  # half of a surrogate pair, from "\ud800" in YAML
        return for_screen(text.encode("utf-8", "backslashreplace"))
