r"""File names are bytes of any kind; this is how they become text.

Two forms. The *report* form keeps every byte but backslash and the control bytes, which become
`\ooo`, so that a report has one path a line and can be turned back. The *screen* form also turns
invalid UTF-8 and what Unicode calls control or format characters into `\ooo`, so that no name can
steer a terminal or forge a log line.
"""

import re
import unicodedata

_CONTROL = re.compile(rb"[\x00-\x1f\x7f\\]")
_OCTAL = re.compile(rb"\\([0-7]{3})")


def _octal(data: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in data)


def for_report(path: bytes) -> bytes:
    r"""`path` with backslash and control bytes as `\ooo`."""
    return _CONTROL.sub(lambda match: _octal(match.group()).encode(), path)


def unescaped(name: bytes) -> bytes:
    r"""`name` with `\ooo` undone, as it stands in a report, and in fstab(5) and proc(5)."""
    return _OCTAL.sub(lambda match: bytes([int(match.group(1), 8) & 0xFF]), name)


def for_screen(data: bytes) -> str:
    r"""`data` as text that is safe on a terminal and in a log: all else is `\ooo`."""
    text = for_report(data).decode("utf-8", "surrogateescape")
    if text.isascii():
        return text
    return "".join(_harmless(character) for character in text)


def one_line(text: str) -> str:
    r"""A message, names in it escaped already, with whatever else could steer a terminal as
    `\ooo`, and in one line."""
    return "".join(map(_harmless, text.replace("\n", " ")))


def _harmless(character: str) -> str:
    if unicodedata.category(character)[0] in "CZ" and character != " ":
        is_byte = "\udc80" <= character <= "\udcff"
        return _octal(character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass"))
    return character
