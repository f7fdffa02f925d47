"""Make directories that nobody else can write to, whatever the umask is."""

import os


def make(path: bytes, mode: int = 0o700) -> None:
    """Make the directory `path` (absolute) with this mode, and missing ones above it with 0755.

    One that is there stays as it is. (`os.makedirs` makes those above with 0777, less the umask.)
    OSError.
    """
    missing = []
    here = path
    while here and not os.path.isdir(here):
        missing.append(here)
        here = os.path.dirname(here.rstrip(b"/"))
    for directory in reversed(missing):
        try:
            os.mkdir(directory, mode if directory == path else 0o755)
        except FileExistsError:  # another process made it meanwhile, or it is no directory
            if not os.path.isdir(directory):
                raise
