"""Load the configuration: a file and its overrides, with every problem of all of them at once."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from drdwrap.config.document import Document, parse
from drdwrap.config.model import Config, from_mapping
from drdwrap.config.overrides import override_lines, parse_override
from drdwrap.config.problem import Problem
from drdwrap.config.trusted_file import read_text
from drdwrap.config.validation import violations, without_empty_sections
from drdwrap.errors import ConfigError
from drdwrap.paths.escaping import for_screen

DEFAULT_PATH = Path("/etc/drdwrap/drdwrap.yaml")

_Render = Callable[[Problem], str]


def load(
    path: Path | None,
    overrides: Sequence[str] = (),
    override_files: Sequence[Path] = (),
    default: Path | None = None,
) -> Config:
    """The configuration in the file `path`, with its overrides.

    Without `path` it is the file `default` (`DEFAULT_PATH` unless given), which may be absent: then
    every key has the schema's default.
    `override_files` (-X) hold lines like the `overrides` (-x): `key=value`, with a dotted key and a
    YAML value. The files are applied first. If a key is set several times, the last value holds; a
    list replaces the list before it.

    Raises ConfigError with every problem of every source, as `FILE:LINE: key: message` or
    `-x key: message`.
    """
    loading = _Loading()
    loading.add_file(path or default or DEFAULT_PATH, may_be_absent=path is None)
    for override_file in override_files:
        loading.add_override_file(override_file)
    for override in overrides:
        loading.add(parse_override(override), _of_command_line)
    if loading.problems:
        raise ConfigError(loading.problems)
    return from_mapping(loading.mapping)


class _Loading:
    """What has been read so far: the mapping, and the problems as they are shown."""

    def __init__(self) -> None:
        self.mapping: dict[str, Any] = {}
        self.problems: list[str] = []

    def add_file(self, path: Path, *, may_be_absent: bool) -> None:
        """Read the configuration file."""
        text = self._read(path, may_be_absent=may_be_absent)
        if text is not None:
            self.add(parse(text), _of_file(path))

    def add_override_file(self, path: Path) -> None:
        """Read a file of overrides."""
        text = self._read(path)
        for number, line in override_lines(text or ""):
            self.add(parse_override(line), _of_file(path, number))

    def add(self, document: Document, render: _Render) -> None:
        """Check `document` by itself and, if it is good, let it override what was read before."""
        data = without_empty_sections(document.data)
        problems = list(document.problems)
        if document.data is not None:
            problems += [
                Problem(found.message, found.path, document.line(found.path))
                for found in violations(data)
                if found.path not in document.spoiled
            ]
        self.problems += [render(found) for found in sorted(problems, key=lambda each: each.line)]
        if not problems:
            self.mapping = _merged(self.mapping, data)

    def _read(self, path: Path, may_be_absent: bool = False) -> str | None:
        render = _of_file(path)
        try:
            text, problems = read_text(path)
        except FileNotFoundError as error:
            if not may_be_absent:
                self.problems.append(render(Problem(f"cannot be read: {error.strerror}")))
            return None
        except OSError as error:
            self.problems.append(render(Problem(f"cannot be read: {error.strerror}")))
            return None
        self.problems += [render(problem) for problem in problems]
        return text


def _of_file(path: Path, line: int = 0) -> _Render:
    """Renders problems of the file `path`. If `line` is not 0, it is the line of all of them."""

    def render(problem: Problem) -> str:
        number = line or problem.line
        name = for_screen(os.fsencode(path))
        place = f"{name}:{number}" if number else name
        return ": ".join(part for part in (place, problem.key, problem.message) if part)

    return render


def _of_command_line(problem: Problem) -> str:
    return f"-x {problem.key}: {problem.message}" if problem.path else f"-x: {problem.message}"


def _merged(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    """`below` with what `above` sets, section by section."""
    merged = dict(below)
    for key, value in above.items():
        if isinstance(value, dict):
            merged[key] = _merged(merged.get(key, {}), value)
        else:
            merged[key] = value
    return merged
