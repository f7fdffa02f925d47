r"""Only `\n` ends a line, wherever text of the kernel or of a tool is read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import drdwrap
from drdwrap.paths.line_ends import lines_of

ODD = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"

ESCAPED_BY_RSYNC = {"rsync/run.py", "rsync/transcript.py"}
r"""Where rsync's own output is split: it prints a `\r` in a name as `\#015`."""


def test_what_python_takes_for_the_end_of_a_line_is_none() -> None:
    assert lines_of(f"a{ODD}b\nc\n") == [f"a{ODD}b", "c"]
    assert lines_of(f"a{ODD}b\nc\n".encode()) == [f"a{ODD}b".encode(), b"c"]


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        (b"", []),
        (b"\n", [b""]),
        (b"a", [b"a"]),
        (b"a\n", [b"a"]),
        (b"a\n\nb", [b"a", b"", b"b"]),
        (b"a\n\n", [b"a", b""]),
    ],
)
def test_the_last_line_may_lack_its_end(text: bytes, lines: list[bytes]) -> None:
    assert lines_of(text) == lines


@given(st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\n"))))
def test_lines_come_back_as_they_were(lines: list[str]) -> None:
    assert lines_of("".join(f"{line}\n" for line in lines)) == lines


def test_nothing_else_splits_text_into_lines() -> None:
    package = Path(drdwrap.__file__).parent
    words = (".splitlines(", ".readlines(", ".readline(")
    found = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        if any(word in path.read_text(encoding="utf-8") for word in words)
    }
    assert found <= ESCAPED_BY_RSYNC
