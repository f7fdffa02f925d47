"""`-x key=value`, and files of such lines: each is a small document that sets one key."""

from collections.abc import Iterator

from drdwrap.config.document import Document, parse
from drdwrap.config.problem import KeyPath, Problem, shown
from drdwrap.config.schema import settings
from drdwrap.config.validation import unknown_key


def parse_override(text: str) -> Document:
    """The document that `text` (a dotted key, `=` and a YAML value) stands for.

    Nothing is raised: what is wrong is in the document's problems, all with line 1.
    """
    key, separator, value = text.partition("=")
    key = key.strip()
    if not separator or not key:
        return Document(problems=[Problem(f"'{shown(text)}' is not key=value", line=1)])
    path: KeyPath = tuple(key.split("."))
    if all(setting.key != key for setting in settings()):
        return Document(problems=[Problem(unknown_key(key), path, 1)])
    parsed = parse(value)
    data = parsed.data
    for name in reversed(path):
        data = {name: data}
    return Document(
        data=data,
        problems=[Problem(found.message, path + found.path, 1) for found in parsed.problems],
        spoiled={path + inner for inner in parsed.spoiled},
    )


def override_lines(text: str) -> Iterator[tuple[int, str]]:
    """The line number (from 1) and text of each override in a file's `text`.

    Blank lines and lines that begin with # are skipped.
    """
    for number, line in enumerate(text.split("\n"), start=1):
        stripped = line.strip()
        if stripped and not stripped.startswith("#"):
            yield number, stripped
