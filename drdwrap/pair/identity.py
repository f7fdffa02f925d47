"""What a file system is recognized by: its UUID, which stays when its device name changes."""

import os

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.linux.mountinfo import Mount, mount_of


def root_part(side_id: str) -> str:
    """The part of a side's id (`Pair.booted_id`, `clone_id`) for its root file system, or its
    volume group. The parts for other volumes are left out, since volumes come and go."""
    return side_id.partition(" ")[0]


def identity(directory: bytes, table: list[Mount]) -> str:
    """A permanent name for the tree at `directory`: its file system's UUID, and its inode there.

    blkid(8) reads the UUID from the device. Without a device (tmpfs, say) or the right to read it,
    the file system's own id (statvfs(3), f_fsid) is taken instead.
    """
    inode = os.stat(directory).st_ino
    mount = mount_of(directory, table)
    source = mount.source
    uuid = ""
    if source.startswith(b"/") and os.access(source, os.R_OK):
        try:
            # If told the type, blkid reads only that type's superblock, which a disk that fails
            # elsewhere may still return.
            probe = process.run(
                "blkid",
                ["-p", "-n", mount.type, "-o", "value", "-s", "UUID", source],
                ok=(0, 2, 4, 8),
            )
            uuid = probe.stdout.decode("ascii", "replace").strip()
        except ProgramError:
            uuid = ""
    name = f"uuid:{uuid}" if uuid else f"fsid:{os.statvfs(directory).f_fsid:x}"
    return f"{name}/{inode}"
