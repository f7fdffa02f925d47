"""What find(1) complains about: which directories it could not read, or that it gave up.

A directory about which find says anything is not known well enough to tell what has been erased in
it. While directories are moved, find sees a "File system loop detected", or loses its way and ends.
"""

import errno
import os
import re
from dataclasses import dataclass

from drdwrap.errors import ProgramError, remedy_for
from drdwrap.linux import process
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.line_ends import lines_of

_ABOUT = re.compile(rb"(?:.*/)?find: '(?P<path>.*)': (?P<reason>[^:]*)")
_QUOTED = re.compile(rb"'(\./(?:[^'\\]|\\.)*)'")
_VANISHED = b"No such file or directory"
_ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
_LETTERS = dict(zip((b"a", b"b", b"f", b"n", b"r", b"t", b"v"), b"\a\b\f\n\r\t\v", strict=True))


@dataclass(frozen=True)
class Complaints:
    """`unreadable` are paths (relative). `gave_up`: anything may be missing from what was read."""

    unreadable: tuple[bytes, ...] = ()
    gave_up: bool = False


def complaints_of(finished: process.Finished, *, began: bool) -> Complaints:
    """What a find in `.` complained about. `began`: it has written something.

    ProgramError if it could not begin, or was killed. What vanished meanwhile is no complaint.
    """
    if finished.status == 0:
        return Complaints()
    said = lines_of(finished.stderr)
    if finished.status != 1 or not began:
        last = for_screen(said[-1]) if said else f"it ended with status {finished.status}"
        raise ProgramError(f"find could not read the tree: {last}")
    paths, gave_up = [], not said
    for line in said:
        about = _ABOUT.fullmatch(line)
        quoted = _QUOTED.search(line)
        if about and about["path"].startswith(b"./"):
            if about["reason"] != _VANISHED:
                paths.append(_plain(about["path"]))
        elif about and about["path"] == b".":
            reason = about["reason"]
            raise ProgramError(f"find could not start: {for_screen(reason)}", _remedy(reason))
        elif quoted:
            paths.append(_plain(quoted[1]))
        else:
            gave_up = True
    return Complaints(tuple(paths), gave_up)


def _remedy(reason: bytes) -> str:
    said = reason.decode("ascii", "replace")
    number = next((number for number in errno.errorcode if os.strerror(number) == said), 0)
    return remedy_for(OSError(number, said))


def _plain(quoted: bytes) -> bytes:
    return _ESCAPE.sub(_unescaped, quoted).removeprefix(b"./")


def _unescaped(match: re.Match[bytes]) -> bytes:
    code = match.group(1)
    if len(code) == 3:
        return bytes([int(code, 8) & 0xFF])
    return bytes([_LETTERS[code]]) if code in _LETTERS else code
