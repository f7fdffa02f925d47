"""The marker on the clone that names its record: an extended attribute of its root directory.

It is not a file, so both trees stay alike. It becomes durable together with the clone's own file
system.
"""

import errno
import json
import os
from dataclasses import dataclass, field

from drdwrap import kept_json
from drdwrap.errors import DrdwrapError
from drdwrap.inventory.beyond_lstat import MARKER_NAMES
from drdwrap.pair.identity import root_part
from drdwrap.record.store import Header

_NONE = (errno.ENODATA, errno.EOPNOTSUPP, errno.EPERM)


@dataclass(frozen=True)
class Marker:
    """The id and the generation of the record (see `store.Header`).

    `other` names the image that this clone is kept in step with (see `identity.root_part`); empty
    if an earlier version wrote the marker. Two markers that differ in it alone are equal.
    """

    record_id: str
    generation: int
    other: str = field(default="", compare=False)

    @classmethod
    def of(cls, header: Header) -> "Marker":
        """The marker of the clone that has this record."""
        return cls(header.record_id, header.generation, root_part(header.booted_id))


def read(clone_root: bytes) -> Marker | None:
    """The marker of the clone at `clone_root`, or None. OSError."""
    for name in MARKER_NAMES:
        try:
            data = kept_json.fields(kept_json.parsed(os.getxattr(clone_root, name)))
            return Marker(
                kept_json.text(data.get("pair"), "pair"),
                kept_json.number(data.get("generation"), "generation"),
                kept_json.text(data.get("other", ""), "other"),
            )
        except OSError as error:
            if error.errno not in _NONE:
                raise
        except ValueError:
            return Marker("unreadable", -1)
    return None


def write(clone_root: bytes, marker: Marker) -> None:
    """Put the marker on the clone. DrdwrapError if its file system takes no attributes; OSError."""
    said = {"pair": marker.record_id, "generation": marker.generation}
    value = json.dumps({**said, "other": marker.other} if marker.other else said).encode()
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


def remove(root: bytes) -> None:
    """Take the marker off an image that is no clone any more. OSError."""
    for name in MARKER_NAMES:
        try:
            os.removexattr(root, name)
        except OSError as error:
            if error.errno not in _NONE:
                raise
