"""JSON that drdwrap wrote for itself, and that anything may have happened to since.

Whoever reads it asks for the shape of every value: `parsed` raises nothing but ValueError.
"""

import json
from collections.abc import Mapping
from typing import Any, TypeGuard

from drdwrap.paths import utf8

_LARGEST_NUMBER = 1 << 63


def parsed(data: bytes) -> Any:
    """The value that `data` holds. ValueError if it is not JSON."""
    try:
        return json.loads(data, parse_constant=_refused)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error


def fields(value: object) -> Mapping[str, Any]:
    """An object of JSON. ValueError for any other value."""
    if not isinstance(value, dict):
        raise ValueError("it is not an object")
    return value


def text(value: object, name: str) -> str:
    """Text that can be a path or a message. ValueError, with the name of the field, otherwise."""
    if not is_text(value):
        raise ValueError(f"{name} is not text")
    return value


def number(value: object, name: str) -> int:
    """A whole number from 0 on, no larger than those of drdwrap. ValueError otherwise."""
    if type(value) is not int or not 0 <= value <= _LARGEST_NUMBER:
        raise ValueError(f"{name} is not a number from 0 on")
    return value


def texts(value: object, name: str) -> list[str]:
    """A list of text. ValueError otherwise."""
    if not isinstance(value, list) or not all(map(is_text, value)):
        raise ValueError(f"{name} is not a list of text")
    return value


def paths(value: object, name: str) -> tuple[bytes, ...]:
    """A list of relative paths. ValueError otherwise."""
    found = tuple(map(utf8.encoded, texts(value, name)))
    if any(path.startswith(b"/") or {b"", b".", b".."} & {*path.split(b"/")} for path in found):
        raise ValueError(f"{name} is not a list of relative paths")
    return found


def is_text(value: object) -> TypeGuard[str]:
    """Whether it is text without NULs that stands for bytes (see `utf8`)."""
    if not isinstance(value, str) or "\0" in value:
        return False
    try:
        utf8.encoded(value)
    except UnicodeEncodeError:
        return False
    return True


def _refused(constant: str) -> None:
    raise ValueError(f"{constant} is no number")
