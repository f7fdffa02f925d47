"""What rsync said during a copy, path by path, and why the copy was cut off, if it was."""

import os
import re
from collections.abc import Collection, Container, Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial

from drdwrap.errors import NO_ROOM, Interrupted
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync import command
from drdwrap.rsync.output import paths_named, unescaped

_NOISE = re.compile(
    rb"rsync error: |rsync warning: |sent .* bytes|IO error encountered|.*\(code \d+\) at "
    rb"|\*\*\* Skipping any contents from this failed directory"
)
_FULL = tuple(b": %s (%d)" % (os.strerror(number).encode(), number) for number in NO_ROOM)
_BESIDE = re.compile(rb"(.*/)?\.(?:([^/]+)\.)?[A-Za-z0-9]{6}", re.DOTALL)
"""rsync's `get_tmpname`: a dot, the name without one at its beginning, six characters."""
_LONGEST = 246
"""Bytes of a name that it keeps of a longer one, without those at their end that are not ASCII."""
_STAGED = command.STAGING + b"/new/"
_RIGHTS = re.compile(rb'\b(?:chown|chgrp) "|failed to set permissions on "')
_CONSEQUENCES = re.compile(
    rb"rsync: (?:\[\w+\] )?(?:connection unexpectedly closed|.* error: Broken pipe)"
)
"""What rsync's other processes say when one of them has ended."""


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
    _without_rights: set[bytes] = field(default_factory=set)
    _long_names: dict[bytes, dict[bytes, list[bytes]]] = field(default_factory=dict)
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
        found: set[bytes] = set()
        for root, on_clone in ((trees.clone.root, True), (trees.booted.root, False)):
            meant = partial(self._meant, trees=trees, listed=listed, on_clone=on_clone)
            for path in paths_named(line, (root,), meant):
                found.update(meant(path))
        line = trees.message_for_all(_without_staging(line, trees.clone.root))
        self.messages.append(line)
        for path in found:
            self._by_path.setdefault(path, line)
        if _RIGHTS.search(line):
            self._without_rights |= found
        if not found:
            self.unexplained.append(line)

    def _meant(
        self, path: bytes, trees: Trees, listed: Container[bytes] | None, *, on_clone: bool
    ) -> list[bytes]:
        """Those of the paths asked for that a message about `path` can be about. On the clone it
        can lie in a staging directory, or be the temporary file beside what it becomes."""
        staged = path.partition(_STAGED)[2] if on_clone and listed is not None else b""
        for one in (path, staged) if staged else (path,):
            names = (one, *_temporary_of(one)) if on_clone else (one,)
            if meant := [name for name in names if _is_meant(name, trees, listed)]:
                return meant
            if on_clone and len(long := self._cut_to(one, trees)) == 1:
                return [name for name in long if _is_meant(name, trees, listed)]
        return []

    def _cut_to(self, path: bytes, trees: Trees) -> list[bytes]:
        """The paths whose names are too long for a temporary file's, and are cut to that of
        `path`."""
        match = _BESIDE.fullmatch(path)
        if match is None:
            return []
        directory = match[1] or b""
        if directory not in self._long_names:
            self._long_names[directory] = _long_names(trees.booted.root, directory)
        return self._long_names[directory].get(match[2] or b"", [])

    def lacks_rights(self, path: bytes) -> bool:
        """Whether a message says that the path has not got its owner, group or mode."""
        return path in self._without_rights

    def message_about(self, path: bytes) -> bytes | None:
        """The first message that names this path, or a temporary file of it."""
        return self._by_path.get(path)

    def note_for_all_names(self, first: bytes, others: Iterable[bytes]) -> None:
        """The message about the one name of a file that rsync was given counts for the others."""
        message = self._by_path.get(first)
        if message is not None:
            self._by_path.update((name, message) for name in others if name not in self._by_path)
        if first in self._without_rights:
            self._without_rights.update(others)

    def note_failure(self, path: bytes, reason: str) -> None:
        """What drdwrap itself could not do with a path."""
        self._by_path.setdefault(path, os.fsencode(f"link failed: {reason}"))

    def lacked_room(self, paths: Iterable[bytes]) -> bool:
        """Whether rsync was cut off because one of these paths had no room."""
        told = (self._by_path.get(path, b"") for path in paths)
        return bool(self.cut_off) and any(line.rstrip().endswith(_FULL) for line in told)

    def go_on(self) -> None:
        """What cut rsync off is known, and the rest can be copied all the same."""
        self.cut_off = ""
        self.unexplained = [one for one in self.unexplained if not _CONSEQUENCES.match(one)]

    def why_cut_off(self) -> str:
        """`cut_off`, with what rsync said last of the cause; for a screen."""
        causes = [line for line in self.messages if not _CONSEQUENCES.match(line)]
        said = [for_screen(unescaped(line)) for line in causes[-1:]]
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
    start = re.escape(root + b"/")
    volume = rb'(?:(?:(?!"' + start + rb").)*?/)?"
    return re.sub(rb'(?<=")' + start + volume + re.escape(_STAGED), lambda _: root + b"/", line)


def _is_meant(path: bytes, trees: Trees, listed: Container[bytes] | None) -> bool:
    if listed is not None:
        return path in listed
    return os.path.lexists(absolute(trees.booted.root, path))


def _temporary_of(path: bytes) -> list[bytes]:
    """The paths that a file of this name may be the temporary file of."""
    match = _BESIDE.fullmatch(path)
    if match is None or not match[2]:
        return []
    directory, name = match[1] or b"", match[2]
    return [directory + name, directory + b"." + name]


def _long_names(root: bytes, directory: bytes) -> dict[bytes, list[bytes]]:
    """The paths in a directory of the booted system whose names are longer than rsync can make a
    temporary name of, by what is left of their names in it."""
    found: dict[bytes, list[bytes]] = {}
    with suppress(OSError):
        for name in os.listdir(absolute(root, directory.rstrip(b"/"))):
            bare = name.removeprefix(b".")
            if len(bare) > _LONGEST:
                cut = re.sub(rb"[\x80-\xff]+\Z", b"", bare[:_LONGEST])
                found.setdefault(cut, []).append(directory + name)
    return found
