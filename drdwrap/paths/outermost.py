"""Many directories, and the question whether a path lies below any of them."""

from bisect import bisect_right
from collections.abc import Iterable


class Outermost:
    """The outermost of these directories (relative). The time that a question takes hardly depends
    on how many there are, or on how deep the path is."""

    def __init__(self, directories: Iterable[bytes]) -> None:
        self._prefixes: list[bytes] = []
        for prefix in sorted(_prefix(directory) for directory in directories):
            if not (self._prefixes and prefix.startswith(self._prefixes[-1])):
                self._prefixes.append(prefix)

    def hold(self, path: bytes) -> bool:
        """Whether `path` is one of the directories, or lies below one."""
        asked = _prefix(path)
        # None of them lies in another, so only the last one that sorts before it can be its prefix.
        before = bisect_right(self._prefixes, asked)
        return before > 0 and asked.startswith(self._prefixes[before - 1])


def _prefix(directory: bytes) -> bytes:
    return directory + b"/" if directory else b""
