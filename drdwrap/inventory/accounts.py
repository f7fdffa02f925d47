"""The names of users and groups in a tree, from its own account files."""

import errno
from dataclasses import dataclass

from drdwrap.linux import safe_file
from drdwrap.paths.arithmetic import absolute


@dataclass(frozen=True)
class Accounts:
    """Names by number, both as bytes from the files. `unread` are files that are there and cannot
    be read, each with the reason: of these nothing is known."""

    users: dict[bytes, bytes]
    groups: dict[bytes, bytes]
    unread: tuple[str, ...] = ()


def read(root: bytes) -> Accounts:
    """The accounts of the tree at `root`; none if it has no such files, or links in their place."""
    unread: list[str] = []
    users, groups = (_names(root, path, unread) for path in (b"etc/passwd", b"etc/group"))
    return Accounts(users, groups, tuple(unread))


def _names(root: bytes, path: bytes, unread: list[str]) -> dict[bytes, bytes]:
    """passwd(5) and group(5) have the name first and the number third. The first entry counts."""
    try:
        lines = safe_file.contents(absolute(root, path)).split(b"\n")
    except OSError as error:
        if error.errno not in (errno.ENOENT, errno.ENOTDIR, errno.ELOOP):
            unread.append(f"/{path.decode()}: {error.strerror}")
        return {}
    names: dict[bytes, bytes] = {}
    for line in lines:
        fields = line.split(b":")
        if len(fields) > 2:
            names.setdefault(fields[2], fields[0])
    return names
