"""Every reader of a file gets the words that were given."""

from __future__ import annotations

import subprocess

from hypothesis import given, settings
from hypothesis import strategies as st

from drdwrap.errors import RefusedError
from drdwrap.install import quoting

WORDS = st.lists(
    st.text(st.characters(min_codepoint=1, max_codepoint=0x2FF, exclude_categories=["Cs"])),
    min_size=1,
    max_size=4,
)


def from_shell(line: str) -> list[str]:
    done = subprocess.run(
        ["sh", "-c", f"printf '%s\\0' {line}"], capture_output=True, check=True
    ).stdout
    return done.decode().split("\0")[:-1]


def from_cron(line: str) -> str:
    """What cron hands to the shell of a line."""
    result, escaped = "", False
    for character in line:
        if escaped and character == "%":
            result = result[:-1]
        elif character == "%":
            return result
        escaped = character == "\\" and not escaped
        result += character
    return result


@settings(max_examples=25)
@given(WORDS)
def test_in_a_crontab(words: list[str]) -> None:
    try:
        line = quoting.for_cron(words)
    except RefusedError:
        assert any(set("\n\r\\") & set(word) for word in words)
        return
    assert "\n" not in line
    assert from_shell(from_cron(line)) == words


def from_systemd(line: str) -> list[str]:
    """The words of `ExecStart=`, as systemd.service(5) and systemd.syntax(7) have it."""
    words: list[str] = []
    word, quoted, begun, at = "", False, False, 0
    escapes = {"n": "\n", "r": "\r", "\\": "\\", '"': '"'}
    while at < len(line):
        character = line[at]
        if character == "\\":
            at += 1
            word += escapes[line[at]]
        elif character == '"':
            quoted, begun = not quoted, True
        elif character == "%" or (character == "$" and words):  # no variable is a program
            at += 1
            assert line[at] == character
            word += character
        elif character in " \t\n\r" and not quoted:
            words.append(word)
            word, begun = "", False
        else:
            word, begun = word + character, True
        at += 1
    return [*words, word] if begun or word else words


@given(WORDS)
def test_in_a_unit(words: list[str]) -> None:
    try:
        line = quoting.for_systemd(words)
    except RefusedError:
        assert set(words[0]) & set("\"'\\")
        return
    assert not set("\n\r") & set(line)
    assert from_systemd(line) == words


def test_paths_in_a_unit_have_no_variables() -> None:
    assert quoting.for_systemd_paths(["/a$b", "/c d", "/e%"]) == '/a$b "/c d" /e%%'
