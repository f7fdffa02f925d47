"""The checks that each file system of the pair has to pass, in every layout."""

import os
from collections.abc import Sequence

from drdwrap.checks import Check, answered
from drdwrap.errors import remedy_for
from drdwrap.linux.mountinfo import Mount, below, mount_of
from drdwrap.pair import file_system_limits
from drdwrap.paths.escaping import for_screen

_AFTER_AN_ERROR = "the kernel has made it read-only after an error"


def sound(path: bytes, table: Sequence[Mount]) -> Check:
    """Whether the kernel still writes to the booted file system at `path`, if it is to be written.

    From one with errors a sync could carry damage to the clone.
    """
    failed = mount_of(path, table).failed
    return Check(
        f"booted {for_screen(path)} has no errors",
        not failed,
        _AFTER_AN_ERROR if failed else "the kernel knows of none",
        "see 'dmesg', and have it checked at the next boot (kernel parameter fsck.mode=force); the"
        " clone is as the last sync left it",
    )


def writable(path: bytes, table: Sequence[Mount]) -> Check:
    """Whether files can be made in the root directory of the file system at `path`.

    Each run puts its half-copied files there.
    """
    mount = mount_of(path, table)
    if mount.failed or file_system_limits.is_read_only(path):
        found = _AFTER_AN_ERROR if mount.failed else "read-only"
        remedy = read_only_remedy(mount)
    else:
        refusal = file_system_limits.refusal(path)
        found = os.strerror(refusal) if refusal else ""
        owner = f"see who owns it and whether it is immutable ('lsattr -d {for_screen(path)}')"
        remedy = remedy_for(OSError(refusal, found)) or owner
    return Check(f"clone {for_screen(path)} is writable", not found, found or "read-write", remedy)


def read_only_remedy(mount: Mount) -> str:
    """What to do about a file system of the clone that is read-only."""
    device = for_screen(mount.source)
    return (
        "mount it read-write; if the kernel made it read-only after an error, see 'dmesg', unmount"
        f" it and run 'fsck {device}' first"
    )


def exact_times(booted: bytes, clone: bytes, table: Sequence[Mount]) -> Check:
    """Whether the clone's file system keeps the fractions of a second in times, if the booted one
    has any. Otherwise every file would look changed on the clone.

    ext4 with inodes of 128 bytes (once mke2fs's default for small file systems) keeps none.
    """
    name = f"clone {for_screen(clone)} keeps times as exactly as the booted system"

    def look() -> Check:
        exact = file_system_limits.keeps_fractions(clone)
        points = frozenset(path for path in below(booted, table) if b"/" not in path)
        return Check(
            name,
            exact or not file_system_limits.has_fractions(booted, points),
            "to the nanosecond" if exact else "whole seconds",
            "make that file system again with 'mkfs.ext4 -I 256'",
        )

    return answered(name, look)
