"""Refuse to install a sync at shutdown that needs the network, which is gone by then."""

from collections.abc import Iterable

from drdwrap.errors import RefusedError
from drdwrap.linux import fstab, mountinfo
from drdwrap.linux.real_path import real_path
from drdwrap.paths.escaping import for_screen

_ON_THE_NETWORK = frozenset(
    "9p afs ceph cifs fuse.glusterfs fuse.s3fs fuse.sshfs glusterfs lustre ncpfs nfs nfs4 orangefs"
    " smb3 smbfs".split()
)


def at_shutdown(paths: Iterable[bytes]) -> None:
    """RefusedError for a path on a network file system, or on one that fstab marks `_netdev`.

    Such a file system is unmounted before the sync runs. At boot, the unit would have to start both
    after it and before the network.
    """
    table = mountinfo.mounts()
    late = {e.mount_point for e in fstab.of(b"/") if b"_netdev" in e.options} - {b"/"}
    for path in paths:
        mount = mountinfo.mount_of(real_path(path), table)
        if mount.type in _ON_THE_NETWORK or mount.mount_point in late:
            raise RefusedError(
                f"{for_screen(path)} is on a network file system, which is gone when the sync runs",
                "put it on a local disk",
            )
