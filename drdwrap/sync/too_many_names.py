"""More names of one file than the clone's file system allows (ext4: 65,000; XFS: millions), or more
directories in one directory (ext3: 32,000): each has a link to the one that holds it."""

from collections.abc import Iterable

from drdwrap.inventory.entry import Entry
from drdwrap.paths.arithmetic import parent
from drdwrap.paths.escaping import for_screen

TOO_MANY = "Too many links"
"""What the kernel says then (link(2), mkdir(2), EMLINK), as text."""


def warnings_of_names(missing: Iterable[Entry]) -> list[str]:
    """A warning for each file of which these are names (booted entries) that could not be made, and
    for each directory in which these are directories that could not."""
    by_file: dict[tuple[bytes, ...], list[Entry]] = {}
    by_directory: dict[bytes, list[Entry]] = {}
    for entry in missing:
        if entry.is_directory:
            by_directory.setdefault(parent(entry.path), []).append(entry)
        else:
            by_file.setdefault((entry.inode, entry.mtime, entry.ctime), []).append(entry)
    return [_of_file(min(names), len(names)) for _, names in sorted(by_file.items())] + [
        _of_directory(min(names), len(names)) for _, names in sorted(by_directory.items())
    ]


def _of_file(first: Entry, number: int) -> str:
    if number == 1:
        return (
            f"/{for_screen(first.path)} could not be made: it is one of {first.links:,} names of a"
            " file, and the clone's file system allows no more"
        )
    return (
        f"/{for_screen(first.path)} and {number - 1:,} more could not be made: they are among the"
        f" {first.links:,} names of one file, and the clone's file system allows no more"
    )


def _of_directory(first: Entry, number: int) -> str:
    more = f" and {number - 1:,} more" if number > 1 else ""
    return (
        f"/{for_screen(first.path)}{more} could not be made: the clone's file system allows no more"
        f" directories in /{for_screen(parent(first.path))}"
    )
