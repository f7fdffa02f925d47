"""Is there room for one more kernel on the clone's /boot?"""

import os

from drdwrap.boot.root_files import RootFiles
from drdwrap.checks import Check
from drdwrap.patching.checks.kernel_and_menu import newest_kernel
from drdwrap.paths.arithmetic import absolute


def room_on_boot(root: bytes) -> list[Check]:
    """Whether as much is free as the newest kernel's files take; none if there is no kernel.
    OSError."""
    files = RootFiles(root)
    version = newest_kernel(files)
    if version is None:
        return []
    boot = absolute(root, b"boot")
    names = (name for name in files.names(b"boot") if version in name)
    needed = sum(os.lstat(absolute(boot, name)).st_size for name in names)
    space = os.statvfs(boot)
    free = space.f_bavail * space.f_frsize
    return [
        Check(
            "there is room on the clone's /boot for one more kernel",
            free >= needed,
            f"{free >> 20} MiB free, {needed >> 20} MiB needed",
            "remove old kernels: 'drdwrap runcmd -- apt-get -y autoremove', or"
            " 'drdwrap runcmd -- dnf -y remove --oldinstallonly'",
        )
    ]
