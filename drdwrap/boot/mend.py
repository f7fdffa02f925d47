"""Make the files of a filled clone name the clone's own disks."""

import os

from drdwrap.boot.file_kinds.kinds import kind_of
from drdwrap.boot.links_and_file_names import link_target, rename, retarget
from drdwrap.boot.open_without_links import directory_of, opened, text_of
from drdwrap.boot.overwrite import overwrite
from drdwrap.boot.references.in_text import References
from drdwrap.boot.searched_paths import searched_paths


def mend(root: bytes, references: References) -> list[bytes]:
    """Mend all references in the searched paths, and return the changed ones, relative to `root`.

    A renamed path is returned with its old and its new name; a directory stands for everything
    below it. Files are written in place, since the clone is not in use. OSError with the path.
    """
    changed: list[bytes] = []
    inodes: set[tuple[int, int]] = set()
    for searched in list(searched_paths(root)):
        path = searched.path
        if searched.kind == "file" and _mend_file(root, path, references, inodes):
            changed.append(path)
        elif searched.kind == "link":
            target = link_target(root, path)
            if (new := references.mended(target)) != target:
                retarget(root, path, new)
                changed.append(path)
        # The contents of a directory come before it, so `path` still has its old parents.
        renamed = rename(root, path, references)
        if renamed != path:
            changed += [path, renamed]
    return sorted(set(changed))


def _mend_file(
    root: bytes, path: bytes, references: References, inodes: set[tuple[int, int]]
) -> bool:
    """Whether the file was changed, now or under another of its names."""
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
