"""The names of users and groups in a tree, from its own account files."""

from dataclasses import dataclass

from drdwrap.linux import safe_file
from drdwrap.paths.arithmetic import absolute


@dataclass(frozen=True)
class Accounts:
    """Names by number, both as bytes from the files."""

    users: dict[bytes, bytes]
    groups: dict[bytes, bytes]


def read(root: bytes) -> Accounts:
    """The accounts of the tree at `root`; none if the files cannot be read."""
    return Accounts(
        _names(absolute(root, b"etc/passwd")),
        _names(absolute(root, b"etc/group")),
    )


def _names(path: bytes) -> dict[bytes, bytes]:
    """passwd(5) and group(5) have the name first and the number third. The first entry counts."""
    try:
        lines = safe_file.contents(path).split(b"\n")
    except OSError:
        return {}
    names: dict[bytes, bytes] = {}
    for line in lines:
        fields = line.split(b":")
        if len(fields) > 2:
            names.setdefault(fields[2], fields[0])
    return names
