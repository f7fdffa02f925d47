"""Files with more names than the clone's file system allows (ext4: 65,000; XFS: millions)."""

from collections.abc import Iterable

from drdwrap.inventory.entry import Entry
from drdwrap.paths.escaping import for_screen

TOO_MANY = b"Too many links"
"""What the kernel says then (link(2), EMLINK), as text."""


def warnings_of_names(missing: Iterable[Entry]) -> list[str]:
    """A warning for each file of which these are names (booted entries) that could not be made."""
    by_file: dict[tuple[bytes, bytes, bytes], list[Entry]] = {}
    for entry in missing:
        by_file.setdefault((entry.inode, entry.mtime, entry.ctime), []).append(entry)
    return [_warning(min(names), len(names)) for _, names in sorted(by_file.items())]


def _warning(first: Entry, number: int) -> str:
    if number == 1:
        return (
            f"/{for_screen(first.path)} could not be made: it is one of {first.links:,} names of a"
            " file, and the clone's file system allows no more"
        )
    return (
        f"/{for_screen(first.path)} and {number - 1:,} more could not be made: they are among the"
        f" {first.links:,} names of one file, and the clone's file system allows no more"
    )
