"""What rsync writes: its progress line, and the files that its messages name."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from drdwrap.linux import run_note

_PROGRESS = re.compile(r"\s*([\d,]+)\s+\d+%\s.*?(?:xfr#(\d+).*)?(?:to|ir)-chk=(\d+)/(\d+)")
_UNPRINTABLE = re.compile(rb"[^\t\x20-\x7e]|\\\\(?=#[0-7]{3})")
_ESCAPED = re.compile(rb"\\#([0-7]{3})")


@dataclass(frozen=True)
class Progress:
    """How far one rsync is: bytes copied, and files looked at of those it knows of."""

    bytes: int
    files: int
    files_known: int


class ProgressReader:
    """Takes rsync's output piece by piece (`--info=progress2`), and tells each new figure."""

    def __init__(self, tell: Callable[[Progress], None]) -> None:
        self._tell = tell
        self._rest = ""

    def __call__(self, piece: str) -> None:
        *complete, self._rest = re.split(r"[\r\n]", self._rest + piece)
        for line in complete:
            match = _PROGRESS.match(line)
            if match:
                size, _, left, known = match.groups()
                files = int(known) - int(left)
                self._tell(Progress(int(size.replace(",", "")), files, int(known)))


class Total:
    """Adds up what several rsyncs tell, at the same time or one after the other.

    `expected` is how many files all of them will have looked at, where that is known before.
    """

    def __init__(self, tell: Callable[[Progress], None], expected: int = 0) -> None:
        self._tell = tell
        self._expected = expected
        self._parts: list[Progress] = []

    def part(self, listed: int = 0) -> Callable[[Progress], None]:
        """Where one more rsync tells its figures. Of a list of that many files it knows of the
        directories that hold them as well: these are not counted."""
        number = len(self._parts)
        self._parts.append(Progress(0, 0, 0))

        def tell(now: Progress) -> None:
            if listed:
                left = now.files_known - now.files
                now = Progress(now.bytes, max(listed - left, 0), listed)
            self._parts[number] = now
            self._tell(
                Progress(
                    sum(part.bytes for part in self._parts),
                    sum(part.files for part in self._parts),
                    max(self._expected, sum(part.files_known for part in self._parts)),
                )
            )

        return tell


def noting(phase: str, tell: Callable[[Progress], None] | None) -> Callable[[Progress], None]:
    """Takes rsync's figures, and keeps them in the run's note as well."""

    def note(now: Progress) -> None:
        how_far = f"{now.files:,} of {now.files_known:,} files, {now.bytes / 1e6:,.0f} MB"
        run_note.note(phase, how_far)
        if tell is not None:
            tell(now)

    return note


def unescaped(text: bytes) -> bytes:
    r"""What rsync says with names as they are: it writes `\#ooo` for all but ASCII."""
    return _ESCAPED.sub(lambda match: bytes([int(match.group(1), 8) & 0xFF]), text)


def _as_written(name: bytes) -> bytes:
    """A name as rsync writes it: see `unescaped`."""
    return _UNPRINTABLE.sub(lambda match: b"\\#%03o" % match[0][0], name)


def paths_named(
    line: bytes, roots: tuple[bytes, ...], is_meant: Callable[[bytes], object] | None = None
) -> list[bytes]:
    """The paths, relative to one of `roots`, that a message of rsync's quotes.

    rsync puts a name between quotes as it is, so a quote may be a part of it. Of the names that
    begin at a quote the longest that `is_meant` is taken, or else the shortest.
    """
    found = []
    at = line.find(b'"')
    while at != -1:
        name, end = _name_at(line, at + 1, roots, is_meant)
        if name is not None:
            found.append(name)
        at = line.find(b'"', end)
    return found


def _name_at(
    line: bytes,
    start: int,
    roots: tuple[bytes, ...],
    is_meant: Callable[[bytes], object] | None,
) -> tuple[bytes | None, int]:
    """The name that begins at `start`, if it is below one of the roots, and where to go on."""
    written = (name + b"/" for root in roots for name in (root, _as_written(root)))
    root = next((name for name in written if line.startswith(name, start)), None)
    shortest = line.find(b'"', start)
    if root is None or shortest == -1:
        return None, start
    start += len(root)
    end = line.rfind(b'"')
    while is_meant is not None and end > shortest:
        name = unescaped(line[start:end]).removeprefix(b"./")
        if is_meant(name):
            return name, end + 1
        end = line.rfind(b'"', start, end)
    return unescaped(line[start:shortest]).removeprefix(b"./"), shortest + 1
