"""The checks that each file system of the clone has to pass, in every layout."""

import os
from collections.abc import Sequence

from drdwrap.checks import Check
from drdwrap.linux.mountinfo import Mount, below
from drdwrap.pair import file_system_limits
from drdwrap.paths.escaping import for_screen


def writable(path: bytes) -> Check:
    """Whether files can be made in the root directory of the file system at `path`.

    Each run puts its half-copied files there.
    """
    try:
        read_only = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        read_only = False
    refusal = "mounted read-only" if read_only else file_system_limits.refusal(path)
    return Check(
        f"clone {for_screen(path)} is writable",
        not refusal,
        refusal or "read-write",
        "mount it read-write; if the kernel made it read-only after an error, run fsck first"
        if read_only
        else f"see who owns it and whether it is immutable ('lsattr -d {for_screen(path)}')",
    )


def exact_times(booted: bytes, clone: bytes, table: Sequence[Mount]) -> Check:
    """Whether the clone's file system keeps the fractions of a second in times, if the booted one
    has any. Otherwise every file would look changed on the clone.

    ext4 with inodes of 128 bytes (once mke2fs's default for small file systems) keeps none.
    """
    exact = file_system_limits.keeps_fractions(clone)
    points = frozenset(path for path in below(booted, table) if b"/" not in path)
    return Check(
        f"clone {for_screen(clone)} keeps times as exactly as the booted system",
        exact or not file_system_limits.has_fractions(booted, points),
        "to the nanosecond" if exact else "whole seconds",
        "make that file system again with 'mkfs.ext4 -I 256'",
    )
