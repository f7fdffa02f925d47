"""What names the booted side: before anything is written, what could never be mended; after all
is done, what still does."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drdwrap.boot.file_kinds.table import kind_of
from drdwrap.boot.names import link_target
from drdwrap.boot.places import opened, places, text_of
from drdwrap.boot.references import Reference, References
from drdwrap.linux.links_in_root import Resolver

# A file that was erased meanwhile, a link to none, in a circle, or to a socket.
_LEADS_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
_NOT_ON_DISK = (b"proc/", b"sys/", b"dev/", b"run/", b"tmp/")


@dataclass(frozen=True)
class Left:
    """A reference to the booted side: in a line of the file at `path` (relative to the root), or,
    line 0, in its name or in what the link points to."""

    path: bytes
    line: int
    what: str


def unmendable(
    root: bytes, references: References, is_excluded: Callable[[bytes], bool]
) -> list[Left]:
    """What on the booted `root` names a device that nothing on the clone stands for, or stands
    where mending does not go. Paths that `is_excluded` do not come to the clone. OSError."""
    return [
        Left(path, reference.line, reference.what)
        for path, reference, out_of_reach in _references(root, references)
        if (out_of_reach or not reference.mendable) and not is_excluded(path)
    ]


def left(root: bytes, references: References) -> list[Left]:
    """What on the mended clone's `root` still names the booted side. OSError."""
    return [
        Left(path, reference.line, reference.what)
        for path, reference, _ in _references(root, references)
    ]


def _references(root: bytes, references: References) -> Iterator[tuple[bytes, Reference, bool]]:
    """Path, reference, and whether it is beyond the places."""
    known = list(places(root))
    files = {place.path for place in known if place.kind == "file"}
    resolver = Resolver(root)
    for path, kind in ((place.path, place.kind) for place in known):
        for reference in _in_name(path.rpartition(b"/")[2], references):
            yield path, reference, False
        if kind == "file":
            for reference in _in_file(root, path, path, references):
                yield path, reference, False
        elif kind == "link":
            for reference in _in_name(link_target(root, path), references):
                yield path, reference, False
            # A file that is elsewhere is read as if it were here, and never written: it may be a
            # package's, or anybody's.
            real = resolver.directory(path)
            if real not in files and not real.startswith(_NOT_ON_DISK):
                for reference in _in_file(root, real, path, references):
                    yield path, reference, True


def _in_name(name: bytes, references: References) -> list[Reference]:
    return [Reference(0, found.what, found.mendable) for found in references.left_in(name)]


def _in_file(root: bytes, path: bytes, read_as: bytes, references: References) -> list[Reference]:
    """`path` is where it is, `read_as` how programs call it."""
    try:
        with opened(root, path, os.O_RDONLY) as descriptor:
            text = text_of(descriptor)
    except OSError as error:
        if error.errno in _LEADS_NOWHERE:
            return []
        raise
    return [] if text is None else kind_of(read_as).left_in(text, references)
