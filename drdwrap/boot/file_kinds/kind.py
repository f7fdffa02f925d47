"""How one kind of file is mended, and what in it still counts as naming the booted side."""

from collections.abc import Callable
from dataclasses import dataclass

from drdwrap.boot.references import Reference, References


@dataclass(frozen=True)
class Kind:
    """`paths` are shell patterns from the root (`*` does not pass a slash); `why` says what sets
    these files apart. `mended` gives the new text, or None for a file that has to go. `left_in`
    gives what the clone must not be booted with."""

    paths: tuple[str, ...]
    why: str
    mended: Callable[[bytes, References], bytes | None]
    left_in: Callable[[bytes, References], list[Reference]]


def mended_as_any(text: bytes, references: References) -> bytes:
    """Every reference, and nothing else."""
    return references.mended(text)


def left_in_any(text: bytes, references: References) -> list[Reference]:
    """Every reference outside comments."""
    return references.left_in(text)
