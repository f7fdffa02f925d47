"""The clone's own note of which record it belongs to: an extended attribute of its root directory.

No file of the clone is taken for it, so the trees stay alike, and it is written and made durable
with the clone's own file system.
"""

import errno
import json
import os
from contextlib import suppress
from dataclasses import dataclass

from drdwrap.errors import DrdwrapError

NAMES = ("user.drdwrap", "trusted.drdwrap")
"""The second where the file system has no user attributes (tmpfs of older kernels)."""

_NONE = (errno.ENODATA, errno.EOPNOTSUPP, errno.EPERM)


@dataclass(frozen=True)
class Marker:
    pair: str
    generation: int


def read(clone_root: bytes) -> Marker | None:
    """What the clone at `clone_root` carries, or None."""
    for name in NAMES:
        try:
            data = json.loads(os.getxattr(clone_root, name))
            return Marker(str(data["pair"]), int(data["generation"]))
        except OSError as error:
            if error.errno not in _NONE:
                raise
        except (ValueError, KeyError, TypeError):
            return Marker("unreadable", -1)
    return None


def write(clone_root: bytes, marker: Marker) -> None:
    """Put the marker on the clone. DrdwrapError where its file system takes no attributes."""
    value = json.dumps({"pair": marker.pair, "generation": marker.generation}).encode()
    refused: OSError | None = None
    for name in NAMES:
        try:
            os.setxattr(clone_root, name, value)
            return
        except OSError as error:
            if error.errno not in _NONE:
                raise
            refused = error
    if refused is not None and refused.errno == errno.EPERM:
        raise DrdwrapError(
            "the clone's root directory takes no mark: Operation not permitted",
            "is it append-only? See 'lsattr -d' of where the clone is mounted",
        )
    raise DrdwrapError(
        f"the clone's file system takes no extended attributes: {refused}",
        "use one that does (ext4, XFS, btrfs): 'rsync -X' needs them as well",
    )


def remove(clone_root: bytes) -> None:
    """Take the marker off the clone."""
    for name in NAMES:
        with suppress(OSError):
            os.removexattr(clone_root, name)
