"""Text as the man macros of groff and mandoc want it: groff_man_style(7), groff_char(7)."""

import re
from collections.abc import Iterable
from textwrap import wrap

_SPECIAL = str.maketrans(
    {"\\": r"\e", "'": r"\(aq", '"': r"\(dq", "^": r"\(ha", "~": r"\(ti", "`": r"\(ga"}
)
_PLAIN_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)+\W?")


def literal(text: str) -> str:
    """What a user may copy: every hyphen is a minus sign, spaces and line ends stay."""
    return _guarded(text.translate(_SPECIAL).replace("-", r"\-"))


def prose(text: str) -> str:
    """A paragraph, in lines that mandoc does not find too long. The hyphen of an ordinary compound
    word stays one, so that a line may break there when it is shown."""
    return _in_lines(w if _PLAIN_WORD.fullmatch(w) else literal(w) for w in text.split())


def value(text: str) -> str:
    """What a user may copy, in a paragraph: lines may break where it has spaces."""
    return _in_lines(literal(word) for word in text.split(" "))


def option(text: str) -> str:
    """An option as click shows it (`-x, --long FILE`): its names are bold, its value italic."""
    words = (
        rf"\fB{literal(word)}\fR" if word.startswith("-") else rf"\fI{literal(word)}\fR"
        for word in re.findall(r"[^\s,]+", text)
    )
    return re.sub(r" (?=\\fB)", ", ", " ".join(words))


def _in_lines(words: Iterable[str]) -> str:
    lines = wrap(" ".join(words), 79, break_long_words=False, break_on_hyphens=False)
    return _guarded("\n".join(lines))


def _guarded(text: str) -> str:
    """No line begins with a control character. (The other one, ', is never left as it is.)"""
    return re.sub(r"^\.", r"\\&.", text, flags=re.MULTILINE)
