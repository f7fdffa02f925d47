"""Read both trees with find, at the same time.

Nothing reads all inodes faster than find(1). Its output goes to memory outside any file system, so
nothing is written where the scan reads, and a kill leaves nothing behind.
"""

import os
import re
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from time import CLOCK_REALTIME, clock_gettime_ns
from typing import IO

from drdwrap.inventory.complaints import Complaints, complaints_of
from drdwrap.inventory.entry import FORMAT, FORMAT_OF_DIRECTORY, nanoseconds, notation
from drdwrap.inventory.finder import Finder
from drdwrap.inventory.long_paths import without_long
from drdwrap.inventory.storage import Storage, in_memory
from drdwrap.linux import clock, process, run_note
from drdwrap.pair.side import Side
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.outermost import Outermost
from drdwrap.paths.patterns import Pattern

_SECOND = 1_000_000_000

_ATTEMPTS = 3
"""How often a tree is read if find gives up, since directories were moved under its feet."""


@dataclass(frozen=True)
class Inventory:
    """One side as the scan saw it.

    `linked` repeats the lines of all files with several names (without directories). `started` is
    when the scan began, in nanoseconds since 1970. `unreadable` are directories that could not be
    read (`b""`: not all of the tree was), `foreign` those that another file system hides: their
    contents are unknown, not absent. So are those of the `sealed` ones, which are encrypted, and of
    those that are `too_deep`: what they hold has too long a path. They themselves are known.
    """

    storage: Storage
    linked: Storage
    started: int
    unreadable: tuple[bytes, ...] = ()
    foreign: tuple[bytes, ...] = ()
    sealed: tuple[bytes, ...] = ()
    too_deep: tuple[bytes, ...] = ()

    @cached_property
    def _long_ago(self) -> bytes:
        return notation(self.started - 3 * _SECOND)

    @cached_property
    def finder(self) -> Finder:
        """The finder of this side's lines."""
        return Finder(self.storage)

    def is_unsettled(self, ctime: bytes) -> bool:
        """Whether a file may have changed again after the scan and kept this change time."""
        if ctime < self._long_ago and len(ctime) == len(self._long_ago):
            return False  # numbers of the same length compare as text: nearly all end here
        when = nanoseconds(ctime)
        # File systems with whole seconds (ext3, ext4 with 128-byte inodes) round further.
        return when >= self.started - (clock.TICK if when % _SECOND else 2 * _SECOND)

    def knows(self, path: bytes) -> bool:
        """Whether `path` is in a place that the scan could read."""
        return not (self._unread.hold(path) or (path and self._closed.hold(parent(path))))

    @cached_property
    def _unread(self) -> Outermost:
        return Outermost((*self.unreadable, *self.foreign))

    @cached_property
    def _closed(self) -> Outermost:
        """Those of which only what they hold is unknown."""
        return Outermost((*self.sealed, *self.too_deep))

    @property
    def is_complete(self) -> bool:
        return not (self.unreadable or self.foreign or self.sealed or self.too_deep)


def find_arguments(
    excluded: Sequence[Pattern], foreign: Sequence[bytes], linked: bytes
) -> list[bytes]:
    """The arguments that make find write one line for each path that is not excluded.

    An excluded directory is not entered. A foreign mount point gets a line and is not entered. The
    lines of files with several names are also written to the file `linked`.
    """
    arguments = [b".", b"-regextype", b"posix-extended"]
    arguments += _pruned([pattern for pattern in excluded if not pattern.directory])
    for path in foreign:
        escaped = re.sub(rb"([*?\[\\])", rb"\\\1", path)
        arguments += [b"-path", b"./" + escaped, b"-prune", b"-printf", FORMAT_OF_DIRECTORY, b"-o"]
    # Each test of a path adds a twentieth to the time of every file that it is applied to.
    directories = _pruned([pattern for pattern in excluded if pattern.directory])
    arguments += [b"-type", b"d", b"(", *directories, b"-printf", FORMAT_OF_DIRECTORY, b")"]
    return [*arguments, b"-o", b"-printf", FORMAT, b"-links", b"+1", b"-fprintf", linked, FORMAT]


def _pruned(patterns: Sequence[Pattern]) -> list[bytes]:
    """Arguments, to go first, that keep find out of everything that these patterns match."""
    tests: list[bytes] = []
    for pattern in patterns:
        tests += [b"-o", *pattern.find_test] if tests else pattern.find_test
    return [b"(", *tests, b")", b"-prune", b"-o"] if tests else []


def scan(sides: Sequence[Side], excluded: Sequence[Pattern]) -> list[Inventory]:
    """Read these trees, all at the same time. ProgramError if find cannot begin, or is killed."""
    found = _read(sides, excluded)
    for _ in range(_ATTEMPTS - 1):
        again = [number for number, side in enumerate(found) if b"" in side.unreadable]
        if not again:
            break
        for number, side in zip(again, _read([sides[n] for n in again], excluded), strict=True):
            found[number] = side
    return found


def _read(sides: Sequence[Side], excluded: Sequence[Pattern]) -> list[Inventory]:
    run_note.note("reading the file systems")
    running: list[tuple[Side, process.Running, IO[bytes], IO[bytes], int]] = []
    with ExitStack() as opened:
        for side in sides:
            output, linked = (opened.enter_context(_memory()) for _ in range(2))
            started = clock_gettime_ns(CLOCK_REALTIME)
            arguments = find_arguments(
                [*excluded, *side.excluded], side.foreign, b"/proc/self/fd/%d" % linked.fileno()
            )
            child = process.start(
                "find", arguments, directory=side.root, stdout=output, pass_fds=[linked.fileno()]
            )
            opened.callback(child.stop)
            running.append((side, child, output, linked, started))
        return [
            _inventory(side, finished, output, linked, started)
            for side, child, output, linked, started in running
            if (finished := child.wait())
        ]


def _inventory(
    side: Side, finished: process.Finished, output: IO[bytes], linked: IO[bytes], started: int
) -> Inventory:
    storage, too_deep = without_long(in_memory(output.fileno()), side.longest)
    return Inventory(
        storage,
        without_long(in_memory(linked.fileno()), side.longest)[0],
        started,
        _unreadable(complaints_of(finished, began=len(storage) > 0)),
        side.foreign,
        too_deep=too_deep,
    )


def _unreadable(complaints: Complaints) -> tuple[bytes, ...]:
    return (*complaints.unreadable, b"") if complaints.gave_up else complaints.unreadable


def _memory() -> IO[bytes]:
    return os.fdopen(os.memfd_create("drdwrap-inventory"), "wb")
