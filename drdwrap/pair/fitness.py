"""What each of the clone's file systems has to be fit for, whatever the layout."""

import os
from collections.abc import Sequence

from drdwrap.checks import Check
from drdwrap.linux.mountinfo import Mount, below
from drdwrap.pair import probe
from drdwrap.paths.escaping import for_screen


def writable(path: bytes) -> Check:
    """That files can be made in the root directory, as each run does for what is half copied."""
    try:
        read_only = bool(os.statvfs(path).f_flag & os.ST_RDONLY)
    except OSError:
        read_only = False
    refusal = "mounted read-only" if read_only else probe.refusal(path)
    return Check(
        f"clone {for_screen(path)} is writable",
        not refusal,
        refusal or "read-write",
        "mount it read-write; if the kernel made it read-only after an error, run fsck first"
        if read_only
        else f"see who owns it and whether it is immutable ('lsattr -d {for_screen(path)}')",
    )


def exact_times(booted: bytes, clone: bytes, table: Sequence[Mount]) -> Check:
    """That no file looks changed on the clone for having lost the fraction of its times' seconds.

    ext4 with inodes of 128 bytes, mke2fs's choice for small file systems once, keeps none.
    """
    exact = probe.keeps_fractions(clone)
    points = frozenset(path for path in below(booted, table) if b"/" not in path)
    return Check(
        f"clone {for_screen(clone)} keeps times as exactly as the booted system",
        exact or not probe.has_fractions(booted, points),
        "to the nanosecond" if exact else "whole seconds",
        "make that file system anew: 'mkfs.ext4 -I 256'",
    )
