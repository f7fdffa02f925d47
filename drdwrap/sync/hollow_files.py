"""Copy files with large holes without reading the holes.

rsync reads them, at a second a gigabyte, and anyone can make a file with a hole of a thousand
million gigabytes. So such files are kept from rsync and copied here: their data, then their
attributes, then their time. A file that changes meanwhile is not copied.
"""

import os
import stat
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from drdwrap.inventory.entry import Entry
from drdwrap.linux import run_note
from drdwrap.linux.holes import LARGE, has_large, stretches_of_data
from drdwrap.paths.arithmetic import absolute
from drdwrap.sync.adjust import set_attributes

# A file can have become a FIFO, or another process can have a lease on it: neither is waited for.
_READ = os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
_MAKE = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class ChangedError(Exception):
    """The booted file changed while it was copied."""


@dataclass(frozen=True)
class Copied:
    """The paths with large holes that were asked for: `done` lie where they should, `changed` did
    so on the booted system, `failed` could not be copied, each with why."""

    done: set[bytes] = field(default_factory=set)
    changed: set[bytes] = field(default_factory=set)
    failed: dict[bytes, str] = field(default_factory=dict)

    @property
    def paths(self) -> set[bytes]:
        return self.done.union(self.changed, self.failed)


def find(root: bytes, entries: Iterable[Entry]) -> list[Entry]:
    """Those of the entries of a tree that are files with large holes."""
    return [
        entry
        for entry in entries
        if entry.is_file and entry.size > LARGE and has_large(absolute(root, entry.path))
    ]


def copy(entries: Iterable[Entry], root: bytes, places: Mapping[bytes, bytes]) -> Copied:
    """Copy these booted files below `root` to the `places` (absolute, by path), where nothing may
    be yet. Names of one file become names of one file."""
    copied = Copied()
    by_file: dict[tuple[int, int], bytes] = {}
    for entry in sorted(entries):
        booted, place = absolute(root, entry.path), places[entry.path]
        run_note.note("copying files with large holes")
        try:
            found = os.lstat(booted)
            file = found.st_dev, found.st_ino
            if file in by_file:
                os.link(by_file[file], place, follow_symlinks=False)
            else:
                copy_file(booted, place)
                by_file[file] = place
            copied.done.add(entry.path)
        except (ChangedError, FileNotFoundError):
            copied.changed.add(entry.path)
        except OSError as error:
            copied.failed[entry.path] = error.strerror or ""
    return copied


def copy_file(booted: bytes, place: bytes) -> None:
    """Copy one file to where nothing is yet (absolute paths). Nothing is left there if that fails.

    ChangedError; OSError, EFBIG for one that is larger than the clone's file system allows.
    """
    source = os.open(booted, _READ)
    try:
        before = os.fstat(source)
        if not stat.S_ISREG(before.st_mode):
            raise ChangedError
        target = os.open(place, _MAKE, 0o600)
        try:
            _copy_data(source, target, before.st_size)
            if _moments(os.fstat(source)) != _moments(before):
                raise ChangedError
            set_attributes(booted, place)
            os.utime(target, ns=(before.st_atime_ns, before.st_mtime_ns))
        except BaseException:
            with suppress(OSError):
                os.unlink(place)
            raise
        finally:
            os.close(target)
    finally:
        os.close(source)


def _copy_data(source: int, target: int, size: int) -> None:
    os.ftruncate(target, size)
    for start, end in stretches_of_data(size, source):
        run_note.moved()
        while start < end:
            data = os.pread(source, end - start, start)
            if not data:
                raise ChangedError
            while data:
                written = os.pwrite(target, data, start)
                data, start = data[written:], start + written


def _moments(found: os.stat_result) -> tuple[int, int, int]:
    return found.st_size, found.st_mtime_ns, found.st_ctime_ns
