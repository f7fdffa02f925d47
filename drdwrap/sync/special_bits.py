"""Set-id and sticky bits that have to change before rsync sets an ACL.

rsync sets a file's ACL before it takes a set-id bit away, and a directory's before it gives it the
sticky bit. To let nobody in meanwhile, it leaves the group and the mask without rights; but the
chmod that follows gives back the mask's rights alone, and the group's are lost. Where the bit is
right already, rsync sets everything at once.
"""

import os
from contextlib import suppress

from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState

_SET_ID, _STICKY = 0o6000, 0o1000


def set_first(job: Job, ledger: Ledger, paths: tuple[bytes, ...]) -> None:
    """Change these bits on the clone, for those of `paths` where it matters.

    A file loses its set-id bit somewhat earlier than it would, and a directory restricts deletion
    earlier: neither does harm.
    """
    for path in paths:
        candidate = job.copies[path]
        booted, clone = candidate.booted, candidate.clone
        if booted is None or clone is None or booted.mode == clone.mode:
            continue
        if ledger.has(path, PathState.CLEARED):
            continue
        wanted, mode = int(booted.mode, 8), int(clone.mode, 8)
        if booted.is_directory:
            first = mode | wanted & _STICKY
        elif booted.is_file and (booted.mtime == clone.mtime or booted.links > 1):
            # Others are made anew.
            first = mode & ~(_SET_ID & ~wanted)
        else:
            continue
        if first != mode:
            with suppress(OSError):  # rsync will say why
                os.chmod(job.clone_path(path), first)
