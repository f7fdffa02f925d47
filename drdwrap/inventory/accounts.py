"""What the numbers of users and groups are called in a tree, by its own account files."""

import os
from dataclasses import dataclass

from drdwrap.paths.arithmetic import absolute


@dataclass(frozen=True)
class Accounts:
    """Names by number, both as the bytes that the files have."""

    users: dict[bytes, bytes]
    groups: dict[bytes, bytes]


def read(root: bytes) -> Accounts:
    """The accounts of the tree at `root`; none where the files cannot be read."""
    return Accounts(
        _names(absolute(root, b"etc/passwd")),
        _names(absolute(root, b"etc/group")),
    )


def _names(path: bytes) -> dict[bytes, bytes]:
    """passwd(5) and group(5) have the name first and the number third. The first entry counts."""
    names: dict[bytes, bytes] = {}
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            for line in file:
                fields = line.rstrip(b"\n").split(b":")
                if len(fields) > 2:
                    names.setdefault(fields[2], fields[0])
    except OSError:
        return {}
    return names
