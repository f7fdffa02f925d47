"""The marker on the clone that names its record: an extended attribute of its root directory.

It is not a file, so both trees stay alike. It becomes durable together with the clone's own file
system.
"""

import errno
import json
import os
from dataclasses import dataclass

from drdwrap import kept_json
from drdwrap.errors import DrdwrapError
from drdwrap.inventory.beyond_lstat import MARKER_NAMES

_NONE = (errno.ENODATA, errno.EOPNOTSUPP, errno.EPERM)


@dataclass(frozen=True)
class Marker:
    """The id and the generation of the record (see `store.Header`)."""

    record_id: str
    generation: int


def read(clone_root: bytes) -> Marker | None:
    """The marker of the clone at `clone_root`, or None. OSError."""
    for name in MARKER_NAMES:
        try:
            data = kept_json.fields(kept_json.parsed(os.getxattr(clone_root, name)))
            return Marker(
                kept_json.text(data.get("pair"), "pair"),
                kept_json.number(data.get("generation"), "generation"),
            )
        except OSError as error:
            if error.errno not in _NONE:
                raise
        except ValueError:
            return Marker("unreadable", -1)
    return None


def write(clone_root: bytes, marker: Marker) -> None:
    """Put the marker on the clone. DrdwrapError if its file system takes no attributes; OSError."""
    value = json.dumps({"pair": marker.record_id, "generation": marker.generation}).encode()
    refused: OSError | None = None
    for name in MARKER_NAMES:
        try:
            os.setxattr(clone_root, name, value)
            return
        except OSError as error:
            if error.errno not in _NONE:
                raise
            refused = error
    if refused is not None and refused.errno == errno.EPERM:
        raise DrdwrapError(
            "the clone's root directory takes no attribute: Operation not permitted",
            "check with 'lsattr -d' whether it is append-only",
        )
    raise DrdwrapError(
        f"the clone's file system takes no extended attributes: {refused}",
        "use ext4, XFS or btrfs: 'rsync -X' needs attributes as well",
    )
