"""One side of the pair: the tree to read, and what in it is not entered."""

from dataclasses import dataclass

from drdwrap.paths.patterns import Pattern


@dataclass(frozen=True)
class Side:
    """What to scan: a tree, and the paths in it where other file systems are mounted. `excluded` is
    excluded there alone."""

    root: bytes
    foreign: tuple[bytes, ...] = ()
    excluded: tuple[Pattern, ...] = ()
