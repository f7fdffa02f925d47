"""No file name reaches a terminal raw, and a report's line can be turned back."""

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from drdwrap.paths.escaping import for_report, for_screen, one_line, unescaped


@given(st.binary())
def test_a_report_line_is_one_line_and_turns_back(path: bytes) -> None:
    line = for_report(path)
    assert b"\n" not in line
    assert unescaped(line) == path


@given(st.binary())
def test_the_screen_form_is_harmless(path: bytes) -> None:
    text = for_screen(path)
    text.encode("utf-8")
    assert all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in text)


def test_what_they_look_like() -> None:
    assert for_report(b"a\nb\\c\x7f\xff") == b"a\\012b\\134c\\177\xff"
    assert for_screen(b"a\x1b[31m\xff") == "a\\033[31m\\377"
    assert for_screen("größe".encode()) == "größe"
    assert for_screen("\u202e\u0085".encode()) == "\\342\\200\\256\\302\\205"


@given(st.text(st.characters()))
def test_a_message_is_one_harmless_line(text: str) -> None:
    line = one_line(text)
    line.encode("utf-8")
    assert all(unicodedata.category(c)[0] not in "CZ" or c == " " for c in line)


def test_a_message_keeps_what_was_escaped_already() -> None:
    assert one_line("a\\012b\nc\x1b\ud800") == "a\\012b c\\033\\355\\240\\200"
