"""The directory at the root of each clone file system that takes rsync's temporary files."""

import os
import shutil
from collections.abc import Sequence

from drdwrap.errors import DrdwrapError
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync.command import TEMPORARY


def make_temporary(trees: Trees, volume: bytes) -> None:
    """Make it on this volume of the clone, unless it is there. OSError."""
    os.makedirs(_temporary(trees, volume), mode=0o700, exist_ok=True)


def remove_temporary(trees: Trees, volumes: Sequence[bytes]) -> None:
    """Remove it, with all that is in it: this run's own files, or a killed run's.

    DrdwrapError when it cannot be removed, or is not a directory: then it is not drdwrap's.
    """
    for volume in volumes:
        path = _temporary(trees, volume)
        try:
            shutil.rmtree(path)
        except FileNotFoundError:
            continue
        except OSError as error:
            name = for_screen(absolute(b"/" + volume if volume else b"", TEMPORARY))
            raise DrdwrapError(
                f"{name} on the clone cannot be removed: {os.strerror(error.errno or 0)}",
                "remove it yourself: drdwrap keeps its temporary files under that name",
            ) from error


def _temporary(trees: Trees, volume: bytes) -> bytes:
    return absolute(absolute(trees.clone.root, volume), TEMPORARY)
