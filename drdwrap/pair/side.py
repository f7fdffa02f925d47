"""One side of the pair, as a scan reads it."""

from dataclasses import dataclass

from drdwrap.paths.patterns import Pattern


@dataclass(frozen=True)
class Side:
    """A tree to scan (absolute root). `foreign` are paths in it (relative) at which other file
    systems are mounted: they are not entered. `excluded` applies to this side alone."""

    root: bytes
    foreign: tuple[bytes, ...] = ()
    excluded: tuple[Pattern, ...] = ()
