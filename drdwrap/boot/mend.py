"""The clone's root, as it was filled from the booted system, made to name its own disks."""

import os

from drdwrap.boot.file_kinds.table import kind_of
from drdwrap.boot.names import link_target, point_elsewhere, rename
from drdwrap.boot.overwrite import overwrite
from drdwrap.boot.places import directory_of, opened, places, text_of
from drdwrap.boot.references import References


def mend(root: bytes, references: References) -> list[bytes]:
    """Mend all references below the places, and say what was changed: paths relative to `root`.

    What was renamed is named with its old and its new path; a directory stands for all below it.
    The clone is not in use, so files are written in place. OSError with the path.
    """
    changed: list[bytes] = []
    inodes: set[tuple[int, int]] = set()
    for place in list(places(root)):
        if place.kind == "file" and _mend_file(root, place.path, references, inodes):
            changed.append(place.path)
        elif place.kind == "link":
            target = link_target(root, place.path)
            if (new := references.mended(target)) != target:
                point_elsewhere(root, place.path, new)
                changed.append(place.path)
        # What is in a directory comes before it, so its own path is still the old one.
        renamed = rename(root, place.path, references)
        if renamed != place.path:
            changed += [place.path, renamed]
    return sorted(set(changed))


def _mend_file(
    root: bytes, path: bytes, references: References, inodes: set[tuple[int, int]]
) -> bool:
    """Whether the file was changed, be it under another of its names."""
    with opened(root, path, os.O_RDONLY) as reading:
        text = text_of(reading)
        status = os.fstat(reading)
    if (status.st_dev, status.st_ino) in inodes:
        return True
    new = text if text is None else kind_of(path).mended(text, references)
    if new == text:
        return False
    if text is not None and new is not None:
        with opened(root, path, os.O_RDWR) as writing:
            overwrite(writing, text, new)
        inodes.add((status.st_dev, status.st_ino))
    else:
        with directory_of(root, path) as directory:
            os.unlink(path.rpartition(b"/")[2], dir_fd=directory)
            os.fsync(directory)
    return True
