"""One side of the pair, as a scan reads it."""

from dataclasses import dataclass

from drdwrap.paths.patterns import Pattern

PATH_MAX = 4095
"""The longest path (absolute, in bytes) that Linux takes, without the NUL."""


@dataclass(frozen=True)
class Side:
    """A tree to scan (absolute root). `foreign` are paths in it (relative) at which other file
    systems are mounted: they are not entered. `excluded` applies to this side alone. Paths
    (relative) of more than `longest` bytes cannot be copied."""

    root: bytes
    foreign: tuple[bytes, ...] = ()
    excluded: tuple[Pattern, ...] = ()
    longest: int = PATH_MAX
