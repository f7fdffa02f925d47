"""References to the booted disks that mending leaves: before anything is written, those that would
be left on the clone; once the clone is finished, those that are."""

import errno
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from drdwrap.boot.file_kinds.kinds import kind_of
from drdwrap.boot.links_and_file_names import link_target
from drdwrap.boot.open_without_links import opened, text_of
from drdwrap.boot.references.in_text import Reference, References
from drdwrap.boot.searched_paths import searched_paths
from drdwrap.linux.links_in_root import Resolver
from drdwrap.paths.escaping import for_screen

# The file was deleted meanwhile; the link is broken, circular, or leads to a socket.
_LEADS_NOWHERE = (errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ENXIO)
_NOT_ON_DISK = (b"proc/", b"sys/", b"dev/", b"run/", b"tmp/")


@dataclass(frozen=True)
class Leftover:
    """A reference to the booted side: in line `line` of the file at `path` (relative to the root),
    or, with line 0, in the file's name or the link's target."""

    path: bytes
    line: int
    what: str

    def __str__(self) -> str:
        place = f", line {self.line}" if self.line else ""
        return f"{self.what} in /{for_screen(self.path)}{place}"


def expected_leftovers(
    root: bytes, references: References, is_excluded: Callable[[bytes], bool]
) -> list[Leftover]:
    """The references on the booted `root` to a device without a counterpart on the clone, or in a
    file that mending does not write. Paths that `is_excluded` do not come to the clone. OSError."""
    return [
        Leftover(path, reference.line, reference.what)
        for path, reference, out_of_reach in _references(root, references)
        if (out_of_reach or not reference.mendable) and not is_excluded(path)
    ]


def leftovers(root: bytes, references: References) -> list[Leftover]:
    """The references to the booted side on the mended clone's `root`. OSError."""
    return [
        Leftover(path, reference.line, reference.what)
        for path, reference, _ in _references(root, references)
    ]


def _references(root: bytes, references: References) -> Iterator[tuple[bytes, Reference, bool]]:
    """Path, reference, and whether it is in a file outside the searched paths."""
    paths = list(searched_paths(root))
    files = {searched.path for searched in paths if searched.kind == "file"}
    resolver = Resolver(root)
    for path, kind in ((searched.path, searched.kind) for searched in paths):
        for reference in _in_name(path.rpartition(b"/")[2], references):
            yield path, reference, False
        if kind == "file":
            for reference in _in_file(root, path, path, references):
                yield path, reference, False
        elif kind == "link":
            for reference in _in_name(link_target(root, path), references):
                yield path, reference, False
            # A link to a file elsewhere is read as if the file were here, but mending never writes
            # that file: it may belong to a package, or to anybody.
            real = resolver.directory(path)
            if real not in files and not real.startswith(_NOT_ON_DISK):
                for reference in _in_file(root, real, path, references):
                    yield path, reference, True


def _in_name(name: bytes, references: References) -> list[Reference]:
    return [Reference(0, found.what, found.mendable) for found in references.left_in(name)]


def _in_file(root: bytes, path: bytes, read_as: bytes, references: References) -> list[Reference]:
    """`path` is the file's own path, `read_as` the one by which programs read it."""
    try:
        with opened(root, path, os.O_RDONLY) as descriptor:
            text = text_of(descriptor)
    except OSError as error:
        if error.errno in _LEADS_NOWHERE:
            return []
        raise
    return [] if text is None else kind_of(read_as).left_in(text, references)
