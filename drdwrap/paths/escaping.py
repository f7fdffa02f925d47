r"""File names can be any bytes. This is how they become text.

There are two forms. The *report* form keeps every byte except backslash and control bytes, which
become `\ooo`: so a report has one path a line and can be converted back. The *screen* form also
turns invalid UTF-8 and Unicode's control and format characters into `\ooo`: so no name can control
a terminal or forge a log line.
"""

import re
import unicodedata

_CONTROL = re.compile(rb"[\x00-\x1f\x7f\\]")
_OCTAL = re.compile(rb"\\([0-7]{3})")


def _octal(data: bytes) -> str:
    return "".join(f"\\{byte:03o}" for byte in data)


def for_report(path: bytes) -> bytes:
    r"""`path` in the report form."""
    return _CONTROL.sub(lambda match: _octal(match.group()).encode(), path)


def unescaped(name: bytes) -> bytes:
    r"""The bytes of a name in the report form. fstab(5) and proc(5) escape names like that too."""
    return _OCTAL.sub(lambda match: bytes([int(match.group(1), 8) & 0xFF]), name)


def for_screen(data: bytes) -> str:
    r"""`data` in the screen form: safe on a terminal and in a log."""
    text = for_report(data).decode("utf-8", "surrogateescape")
    if text.isascii():
        return text
    return "".join(_harmless(character) for character in text)


def one_line(text: str) -> str:
    r"""A message in one line, with everything that could control a terminal as `\ooo`. Names in it
    must be escaped already."""
    return "".join(map(_harmless, text.replace("\n", " ")))


def _harmless(character: str) -> str:
    if unicodedata.category(character)[0] in "CZ" and character != " ":
        is_byte = "\udc80" <= character <= "\udcff"
        return _octal(character.encode("utf-8", "surrogateescape" if is_byte else "surrogatepass"))
    return character
