"""What rsync said during a copy, path by path, and why the copy was cut off, if it was."""

import errno
import os
import re
from collections.abc import Collection, Container, Iterable
from dataclasses import dataclass, field

from drdwrap.errors import Interrupted
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync import command
from drdwrap.rsync.output import paths_named, unescaped

_NOISE = re.compile(
    rb"rsync error: |rsync warning: |sent .* bytes|IO error encountered|.*\(code \d+\) at "
    rb"|\*\*\* Skipping any contents from this failed directory"
)
_FULL = [os.strerror(number).encode() for number in (errno.ENOSPC, errno.EDQUOT)]
_BESIDE = re.compile(rb"(.*/)?\.([^/]+)\.[A-Za-z0-9]{6}", re.DOTALL)
"""rsync's `get_tmpname`: a dot, the name without one at its beginning, six characters."""


@dataclass
class Transcript:
    """All runs of rsync that one copy takes.

    `messages` are rsync's, `unexplained` those of them that name nothing that was to be copied.
    `cut_off` says why not everything was gone through, or is empty; `interrupted` is the signal
    that ended it.
    """

    messages: list[bytes] = field(default_factory=list)
    unexplained: list[bytes] = field(default_factory=list)
    _by_path: dict[bytes, bytes] = field(default_factory=dict)
    cut_off: str = ""
    interrupted: Interrupted | None = None

    def note(self, stderr: bytes, trees: Trees, listed: Container[bytes] | None) -> bool:
        """Take in what one rsync wrote to stderr: messages about the paths `listed`, or about any
        path of the booted tree if that is None. Whether there was any."""
        lines = [line for line in stderr.splitlines() if line.strip() and not _NOISE.match(line)]
        for line in lines:
            self._note_line(line, trees, listed)
        return bool(lines)

    def _note_line(self, line: bytes, trees: Trees, listed: Container[bytes] | None) -> None:
        """What a message names may lie in the staging directory, or be a temporary file beside
        what it becomes."""
        named = paths_named(line, (trees.clone.root, trees.booted.root))
        line = trees.message_for_all(_without_staging(line, trees.clone.root))
        self.messages.append(line)
        found = False
        for path in (one.rpartition(command.STAGING + b"/new/")[2] for one in named):
            for meant in (path, *_temporary_of(path)):
                if _is_meant(meant, trees, listed):
                    self._by_path.setdefault(meant, line)
                    found = True
        if not found:
            self.unexplained.append(line)

    def message_about(self, path: bytes) -> bytes | None:
        """The first message that names this path, or a temporary file of it."""
        return self._by_path.get(path)

    def note_for_all_names(self, first: bytes, others: Iterable[bytes]) -> None:
        """The message about the one name of a file that rsync was given counts for the others."""
        message = self._by_path.get(first)
        if message is not None:
            self._by_path.update((name, message) for name in others if name not in self._by_path)

    def note_failure(self, path: bytes, reason: str) -> None:
        """What drdwrap itself could not do with a path, in the form of rsync's messages."""
        self._by_path.setdefault(path, b'link "" failed: %s' % os.fsencode(reason))

    def lacked_room(self, paths: Iterable[bytes]) -> bool:
        """Whether rsync was cut off because one of these paths had no room."""
        told = (self._by_path.get(path, b"") for path in paths)
        return bool(self.cut_off) and any(full in line for line in told for full in _FULL)

    def why_cut_off(self) -> str:
        """`cut_off`, with what rsync said last; for a screen."""
        said = [for_screen(unescaped(line)) for line in self.messages[-1:]]
        return ": ".join((self.cut_off, *said))

    def interrupt(self, signal: Interrupted) -> None:
        """Note that this signal ended the copy."""
        self.interrupted = signal
        self.cut_off = "interrupted by a signal"

    def named(self) -> Collection[bytes]:
        """The paths that messages name."""
        return self._by_path.keys()


def _without_staging(line: bytes, root: bytes) -> bytes:
    """The message about the paths that what it names in a staging directory will have."""
    staged = re.escape(root + b"/") + rb'([^"]*/)?' + re.escape(command.STAGING + b"/new/")
    return re.sub(rb'(?<=")' + staged, lambda _: root + b"/", line)


def _is_meant(path: bytes, trees: Trees, listed: Container[bytes] | None) -> bool:
    if listed is not None:
        return path in listed
    return os.path.lexists(absolute(trees.booted.root, path))


def _temporary_of(path: bytes) -> list[bytes]:
    """The paths that a file of this name may be the temporary file of."""
    match = _BESIDE.fullmatch(path)
    if match is None:
        return []
    directory, name = match[1] or b"", match[2]
    return [directory + name, directory + b"." + name]
