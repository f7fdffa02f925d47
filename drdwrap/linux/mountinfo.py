"""What is mounted where, from the kernel (proc(5), /proc/PID/mountinfo)."""

import os
from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.paths.escaping import unescaped
from drdwrap.paths.line_ends import lines_of

_NEVER_WRITTEN = frozenset(("cramfs", "erofs", "iso9660", "romfs", "squashfs", "udf"))


@dataclass(frozen=True)
class Mount:
    """One mounted file system. `root` is the path within it that is seen at `mount_point`.

    `peers` is the number of its peer group, in which mounts and unmounts are propagated
    (mount_namespaces(7)), or None. `failed`: the kernel has made the file system read-only after an
    error. Then it is so though it was mounted for writing, or (ext4 since Linux 6.15) says so.
    """

    device: str
    root: bytes
    mount_point: bytes
    type: str
    source: bytes
    options: frozenset[str]
    peers: int | None = None
    failed: bool = False


def mounts(mountinfo: bytes | None = None) -> list[Mount]:
    """Every mount, in the order made. Of two at the same place the later one is seen.

    `mountinfo` is the contents of such a file; without it, the process's own is read.
    """
    if mountinfo is None:
        with open("/proc/self/mountinfo", "rb") as file:
            mountinfo = file.read()
    result = []
    for line in lines_of(mountinfo):
        before, _, after = line.partition(b" - ")
        fields, rest = before.split(b" "), after.split(b" ")
        kind = unescaped(rest[0]).decode("utf-8", "replace")
        here, everywhere = (f.decode("ascii", "replace").split(",") for f in (fields[5], rest[2]))
        result.append(
            Mount(
                fields[2].decode(),
                unescaped(fields[3]),
                unescaped(fields[4]),
                kind,
                unescaped(rest[1]),
                frozenset((*here, *everywhere)),
                _peers(fields[6:]),
                kind not in _NEVER_WRITTEN and _failed(here, everywhere),
            )
        )
    return result


def mount_of(path: bytes, table: Sequence[Mount]) -> Mount:
    """The mount that holds `path` (absolute, without symbolic links)."""
    best: Mount | None = None
    for mount in table:
        base = mount.mount_point.rstrip(b"/")
        inside = path == mount.mount_point or path.startswith(base + b"/")
        if inside and (best is None or len(mount.mount_point) >= len(best.mount_point)):
            best = mount
    # In a chroot the mount that holds its root is not listed.
    return best or Mount(_device_of(path), b"/", b"/", "", b"", frozenset())


def _device_of(path: bytes) -> str:
    while not os.path.lexists(path):
        path = os.path.dirname(path)
    number = os.stat(path).st_dev
    return f"{os.major(number)}:{os.minor(number)}"


def is_mount_point(path: bytes, table: Sequence[Mount]) -> bool:
    """Whether a file system, or a bind mount, has its root at `path`."""
    return any(mount.mount_point == path for mount in table)


def mount_at(path: bytes, table: Sequence[Mount]) -> Mount | None:
    """The mount that is seen at `path`, or None if nothing is mounted there."""
    return next((mount for mount in reversed(table) if mount.mount_point == path), None)


def below(path: bytes, table: Sequence[Mount]) -> list[bytes]:
    """All mount points strictly below `path`, relative to it, sorted."""
    base = path.rstrip(b"/") + b"/"
    points = {m.mount_point[len(base) :] for m in table if m.mount_point.startswith(base)}
    return sorted(points - {b""})


def place(path: bytes, table: Sequence[Mount]) -> tuple[str, bytes]:
    """Where `path` really is: its device number, and its path within that file system.

    Two paths show the same files, however they are bind mounted, if their places are the same or
    one is inside the other.
    """
    mount = mount_of(path, table)
    relative = path[len(mount.mount_point.rstrip(b"/")) :].strip(b"/")
    inside = mount.root.rstrip(b"/") + (b"/" + relative if relative else b"")
    return mount.device, inside or b"/"


def _peers(tags: Sequence[bytes]) -> int | None:
    shared = (tag.partition(b":")[2] for tag in tags if tag.startswith(b"shared:"))
    return next(map(int, shared), None)


def _failed(here: Sequence[str], everywhere: Sequence[str]) -> bool:
    """From the options of the mount, and those of the file system."""
    return "emergency_ro" in everywhere or ("ro" in everywhere and "ro" not in here)
