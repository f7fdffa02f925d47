"""The argument lists for rsync, each for one purpose."""

import os
from collections.abc import Sequence

from drdwrap.inventory.beyond_lstat import BTRFS_PROPERTIES, MARKER_NAMES, XFS_ACLS

STAGING = b".drdwrap.tmp"
"""The directory at the root of each clone file system that rsync copies into: `sync.staging`."""

# Without a window of -1 rsync takes two times within one second for the same, and skips the file.
_ARCHIVE = ["-aAXXHS", "--numeric-ids", "--modify-window=-1", "--from0"]
_DRY_RUN = ["--dry-run", "--out-format=%i|%n%L"]


def transfer(
    list_file: bytes, rules_file: bytes, options: Sequence[bytes], *, progress: bool = False
) -> list[bytes | str]:
    """Copy a list of paths to where nothing is yet. Parents that are not listed are not made."""
    told = ["--info=progress2"] if progress else []
    return [*_listed(list_file, rules_file), *told, *options]


def dry_run(
    list_file: bytes, rules_file: bytes, options: Sequence[bytes], *, by_contents: bool
) -> list[bytes | str]:
    """Show what there is to copy onto the clone; `by_contents` what size and time do not show."""
    compared = ["--checksum"] if by_contents else []
    # What is in the way of something else is replaced by the copy that this shows.
    return [*_listed(list_file, rules_file), *compared, *_DRY_RUN, "--force", *options]


def _listed(list_file: bytes, rules_file: bytes) -> list[bytes | str]:
    rules: list[bytes | str] = [b"--filter=merge " + rules_file, *attribute_rules()]
    arguments: list[bytes | str] = [*_ARCHIVE, "--no-implied-dirs"]
    return [*arguments, *rules, b"--files-from=" + list_file]


def dry_run_of_root() -> list[bytes | str]:
    """Show what the clone's root directory lacks of the booted one's attributes."""
    arguments: list[bytes | str] = ["-lptgoDAXX", "--numeric-ids", "--dirs", "--filter=- *"]
    return [*arguments, *attribute_rules(), *_DRY_RUN]


def fill(
    rules_file: bytes, options: Sequence[bytes], *, onto_files: bool, progress: bool
) -> list[bytes | str]:
    """Copy everything that the rules let pass, and delete everything else on the clone.

    `onto_files`: the clone holds something already, and even what looks right is copied anew.
    """
    rules = b"--filter=merge " + rules_file
    # With incremental recursion rsync waits for ever if a file with several names that it finds on
    # the clone cannot be read or replaced. Without, and onto nothing, it gives up its whole list if
    # one of three names cannot be read.
    anew = ["--delete", "--ignore-times", "--no-inc-recursive"] if onto_files else []
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
