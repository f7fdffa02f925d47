"""Configuration files as tests write them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from drdwrap.config.load import load
from drdwrap.errors import ConfigError

Write = Callable[[str], Path]
Problems = Callable[..., list[str]]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Write a text to a configuration file that only its owner can write."""

    def write_file(text: str, name: str = "drdwrap.yaml") -> Path:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        path.chmod(0o600)
        return path

    return write_file


@pytest.fixture
def problems(write: Write) -> Problems:
    """The problems of a text and of overrides, with `FILE` for the name of the file."""

    def problems_of(text: str, *overrides: str) -> list[str]:
        path = write(text)
        with pytest.raises(ConfigError) as raised:
            load(path, overrides)
        return [problem.replace(str(path), "FILE") for problem in raised.value.problems]

    return problems_of
