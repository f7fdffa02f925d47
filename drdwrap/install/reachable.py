"""What the shutdown script needs has to be there when the network is gone."""

import os
from collections.abc import Iterable

from drdwrap.errors import RefusedError
from drdwrap.linux import fstab, mountinfo

_ON_THE_NETWORK = frozenset(
    "9p afs ceph cifs fuse.glusterfs fuse.s3fs fuse.sshfs glusterfs lustre ncpfs nfs nfs4 orangefs"
    " smb3 smbfs".split()
)


def at_shutdown(paths: Iterable[str]) -> None:
    """RefusedError for a path on a file system that comes by the network, or after it.

    It is gone when services have stopped; and the unit, which waits for it at boot, would have to
    wait for the network and to be there before it.
    """
    table = mountinfo.mounts()
    late = {e.mount_point for e in fstab.of(b"/") if b"_netdev" in e.options} - {b"/"}
    for path in paths:
        mount = mountinfo.mount_of(os.path.realpath(os.fsencode(path)), table)
        if mount.type in _ON_THE_NETWORK or mount.mount_point in late:
            raise RefusedError(
                f"{path} is on a file system of the network, which is gone when the sync runs",
                "have it on the root disk",
            )
