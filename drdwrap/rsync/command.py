"""The argument lists for rsync, each for one purpose."""

import os
from collections.abc import Sequence

from drdwrap.inventory.beyond_lstat import BTRFS_PROPERTIES, MARKER_NAMES, XFS_ACLS

TEMPORARY = b".drdwrap.tmp"
"""The directory at the root of each clone file system that takes rsync's temporary files. A killed
rsync leaves them there and nowhere else, so that no file of the clone is mistaken for one."""

# Without a window of -1 rsync takes two times within one second for the same, and skips the file.
_ARCHIVE = ["-aAXHS", "--numeric-ids", "--modify-window=-1", "--from0"]
_DRY_RUN = ["--dry-run", "--out-format=%i|%n%L"]


def transfer(
    list_file: bytes,
    rules_file: bytes,
    volume: bytes,
    options: Sequence[str],
    *,
    by_contents: bool = False,
    progress: bool = False,
    dry_run: bool = False,
) -> list[bytes | str]:
    """Copy a list of paths. Parents that are not listed are neither made nor changed."""
    arguments: list[bytes | str] = [*_ARCHIVE, "--no-implied-dirs"]
    if by_contents:
        arguments.append("--checksum")
    if dry_run:
        # A directory in the way of a file is removed before the copy that this shows.
        arguments += [*_DRY_RUN, "--force"]
    else:
        below = volume + b"/" if volume else b""
        arguments.append(b"--temp-dir=" + below + TEMPORARY)
    if progress:
        arguments.append("--info=progress2")
    arguments += [b"--filter=merge " + rules_file, *attribute_rules()]
    return [*arguments, b"--files-from=" + list_file, *options]


def root_directory(dry_run: bool = False) -> list[bytes | str]:
    """Give the clone's root directory the attributes of the booted one, and touch nothing in it."""
    arguments: list[bytes | str] = ["-lptgoDAX", "--numeric-ids", "--dirs", "--filter=- *"]
    return [*arguments, *attribute_rules(), *(_DRY_RUN if dry_run else [])]


def fill(
    rules_file: bytes, options: Sequence[str], *, onto_files: bool, progress: bool
) -> list[bytes | str]:
    """Copy everything that the rules let pass, and delete everything else on the clone.

    `onto_files`: the clone holds something already, and even what looks right is copied anew.
    """
    rules = b"--filter=merge " + rules_file
    anew = ["--delete", "--ignore-times"] if onto_files else []
    told = ["--info=progress2"] if progress else []
    return [*_ARCHIVE, *anew, *told, rules, *attribute_rules(), *options]


def attribute_rules() -> list[str]:
    """Rules that leave the clone's marker alone, and the attributes that XFS and btrfs show.

    With any such rule rsync drops its own rules, so they have to be given again: everything except
    `system.*` as root, only `user.*` as anyone else.
    """
    kept_out = (*MARKER_NAMES, *XFS_ACLS, BTRFS_PROPERTIES + "*")
    own = [f"--filter=-x {name}" for name in kept_out]
    if os.geteuid() == 0:
        return [*own, "--filter=-x system.*"]
    return [*own, "--filter=+x user.*", "--filter=-x *"]


def boot(nested: Sequence[bytes], *, with_owners: bool) -> list[bytes | str]:
    """Copy a whole file system outside the volume group, except what is mounted below it.

    `nested` are these mount points, as patterns from its root. A FAT file system has neither owners
    nor modes, links or attributes, and keeps times to two seconds.
    """
    kind = [*_ARCHIVE, "-x"] if with_owners else ["-rtx", "--modify-window=2", "--from0"]
    return [*kind, "--delete", *(b"--exclude=" + path for path in nested)]
