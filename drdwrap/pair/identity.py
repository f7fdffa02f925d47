"""What a file system is called for good: its UUID, whatever device or mount point it has today."""

import os

from drdwrap.errors import ProgramError
from drdwrap.linux import process
from drdwrap.linux.mountinfo import Mount, mount_of


def identity(directory: bytes, table: list[Mount]) -> str:
    """A name for the tree at `directory`: the UUID of its file system, and its inode there.

    The UUID is read from the device by blkid(8). Without a device (tmpfs, say) or without the right
    to read it, the file system's own id (statvfs(3), f_fsid) stands in.
    """
    inode = os.stat(directory).st_ino
    mount = mount_of(directory, table)
    source = mount.source
    uuid = ""
    if source.startswith(b"/") and os.access(source, os.R_OK):
        try:
            # Looking for this one type alone, blkid reads nothing but its superblock: a disk that
            # is failing elsewhere keeps its name.
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
