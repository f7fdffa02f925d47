"""Swap files: they are not copied but made on the clone, since swapon refuses a sparse copy."""

import os
from collections.abc import Iterable

from drdwrap.linux import fstab, process, safe_file
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import unescaped
from drdwrap.paths.line_ends import lines_of

_USUAL = (b"swapfile", b"swap.img", b"swap.file")


def swap_files(booted_root: bytes) -> list[bytes]:
    """The swap files of the booted tree (relative paths): in use, in fstab, or by a usual name."""
    paths = set(_in_use(booted_root)) | set(_in_fstab(booted_root)) | set(_USUAL)
    return sorted(path for path in paths if _is_swap(absolute(booted_root, path)))


def make(booted_root: bytes, clone_root: bytes, paths: Iterable[bytes]) -> None:
    """Make these swap files (relative) on the clone, as large as the booted ones.

    OSError on a full disk, ProgramError if mkswap fails.
    """
    for path in paths:
        source, target = absolute(booted_root, path), absolute(clone_root, path)
        size = os.stat(source).st_size
        descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            os.posix_fallocate(descriptor, 0, size)
        finally:
            os.close(descriptor)
        process.run("mkswap", [target])


def _in_use(root: bytes) -> Iterable[bytes]:
    try:
        with open("/proc/swaps", "rb") as file:
            names = named_in(file.read())
    except OSError:
        return []
    base = root.rstrip(b"/") + b"/"
    return [name[len(base) :] for name in names if name.startswith(base)]


def named_in(swaps: bytes) -> list[bytes]:
    """The files and devices in /proc/swaps (proc(5)). The kernel escapes blanks in their names,
    and no other control characters."""
    rows = lines_of(swaps.replace(b"\t", b" "))[1:]
    return [unescaped(row.partition(b" ")[0]) for row in rows]


def _in_fstab(root: bytes) -> Iterable[bytes]:
    return [
        entry.spec.strip(b"/")
        for entry in fstab.of(root)
        if entry.type == b"swap" and entry.spec.startswith(b"/")
    ]


def _is_swap(path: bytes) -> bool:
    """Whether it is a regular file with mkswap(8)'s signature at the end of its first page."""
    try:
        descriptor = safe_file.open_to_read(path)
    except OSError:
        return False
    try:
        page = os.sysconf("SC_PAGESIZE")
        return os.pread(descriptor, 10, page - 10) == b"SWAPSPACE2"
    finally:
        os.close(descriptor)
