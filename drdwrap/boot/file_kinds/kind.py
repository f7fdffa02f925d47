"""How one kind of file is mended, and which references in it count as leftovers."""

from collections.abc import Callable
from dataclasses import dataclass

from drdwrap.boot.references.in_text import Reference, References


@dataclass(frozen=True)
class Kind:
    """`paths` are shell patterns from the root (`*` does not match a slash); `why` says how these
    files differ from others. `mended` returns the new text, or None for a file to be removed.
    `left_in` returns the references that the clone must not be booted with."""

    paths: tuple[str, ...]
    why: str
    mended: Callable[[bytes, References], bytes | None]
    left_in: Callable[[bytes, References], list[Reference]]


def mended_by_default(text: bytes, references: References) -> bytes:
    """The text with every reference mended, and nothing else changed."""
    return references.mended(text)


def left_in_by_default(text: bytes, references: References) -> list[Reference]:
    """Every reference outside comments."""
    return references.left_in(text)
