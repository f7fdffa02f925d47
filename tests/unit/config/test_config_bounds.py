"""A configuration that would take all memory is refused, with a line that says why."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from unit.config.conftest import Problems, Write

from drdwrap.config.load import load
from drdwrap.errors import ConfigError

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join([f'*{before}'] * 10)}]\n"
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)
"""A billion values."""


def test_aliases_that_multiply_are_refused_at_once(problems: Problems) -> None:
    begun = time.monotonic()
    assert problems(LAUGHS) == [
        "FILE:1: not YAML: more than 100000 values, since aliases (*) multiply them"
    ]
    assert time.monotonic() - begun < 10


def test_so_are_those_of_an_override(write: Write) -> None:
    value = "{" + LAUGHS.strip().replace("\n", ", ") + "}"
    with pytest.raises(ConfigError, match=r"-x exclude_list: not YAML: more than 100000 values"):
        load(write(""), [f"exclude_list={value}"])


def test_a_long_list_of_paths_is_not(write: Write) -> None:
    lines = "".join(f"- /srv/data/{number}\n" for number in range(2000))
    assert len(load(write(f"exclude_list:\n{lines}")).exclude_list) == 2000


@pytest.mark.parametrize("size", [(1 << 20) + 1, 3 << 30])
def test_a_huge_file_is_not_read(write: Write, tmp_path: Path, size: int) -> None:
    path = write("")
    with path.open("r+b") as file:
        file.truncate(size)
    with pytest.raises(ConfigError) as raised:
        load(path)
    assert raised.value.problems == (f"{path}: is larger than 1 MiB",)
    other = tmp_path / "other.yaml"
    other.touch(mode=0o600)
    with pytest.raises(ConfigError) as raised:
        load(other, override_files=[path])
    assert raised.value.problems == (f"{path}: is larger than 1 MiB",)
