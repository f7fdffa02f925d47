"""A clone that can no longer be written in the middle of a run."""

from drdwrap.errors import DrdwrapError
from drdwrap.linux import mountinfo
from drdwrap.pair.file_system_limits import is_read_only
from drdwrap.pair.volume_checks import read_only_remedy
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.sync.begin import Run


def read_only_clone(run: Run, then: str) -> DrdwrapError | None:
    """What to raise in place of whatever came of it, if a file system of the clone has become
    read-only; None if none has. `then` says what goes on where this run ended."""
    table = mountinfo.mounts()
    for volume in run.pair.volumes:
        path = absolute(run.trees.clone.root, volume)
        if is_read_only(path):
            mount = mountinfo.mount_of(path, table)
            seen = for_screen(absolute(run.trees.roots[1], volume))
            return DrdwrapError(
                f"{seen} has become read-only, so the run could not be completed",
                f"{read_only_remedy(mount)}; {then}",
            )
    return None
