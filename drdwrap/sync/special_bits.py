"""Set-id and sticky bits that have to change before rsync sets an ACL.

rsync sets a file's ACL before it takes a set-id bit away, and a directory's before it gives it the
sticky bit. So as to let nobody in meanwhile it leaves the group, and the mask, without rights; but
the chmod that follows gives back the mask's alone, and the group's are lost. Where the bit is right
already, all is set at once.
"""

import os
from contextlib import suppress

from drdwrap.paths.arithmetic import absolute
from drdwrap.sync.work import Work

_SET_ID, _STICKY = 0o6000, 0o1000


def set_first(work: Work, paths: tuple[bytes, ...]) -> None:
    """Do so on the clone for those of `paths` where it matters.

    A file is no longer set-id for somebody earlier than it would be, and a directory restricts
    deletion earlier.
    """
    for path in paths:
        candidate = work.seen.plan.copies[path]
        booted, clone = candidate.booted, candidate.clone
        if booted is None or clone is None or booted.mode == clone.mode or path in work.cleared:
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
                os.chmod(absolute(work.run.trees.clone.root, path), first)
