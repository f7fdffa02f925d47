"""Run a program in a mount namespace of its own: `python tests/unshare.py PROGRAM ARGUMENT...`

As unshare(1) does, which refuses in a chroot whose root is no mount point.
"""

import os
import sys

from drdwrap.linux import mount_namespace

mount_namespace.unshare_mounts()
os.execvp(sys.argv[1], sys.argv[1:])
