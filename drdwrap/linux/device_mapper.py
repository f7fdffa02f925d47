"""The names that the device mapper has for LVM's volumes: `group-volume`.

A hyphen within either name is doubled: volume `my-data` of group `vg-1` is `vg--1-my--data`.
"""

import re

MAPPER = b"/dev/mapper/"
"""The directory of the device mapper's nodes, which have the mapped names."""

_GROUP_AND_VOLUME = re.compile(rb"((?:[^-]|--)+)-((?:[^-]|--)+)")


def mapped_name(path: bytes) -> bytes:
    """The mapped name of a device node below `MAPPER`; b"" for any other path."""
    return path.removeprefix(MAPPER) if path.startswith(MAPPER) else b""


def mapped_prefix(group: bytes) -> bytes:
    """What the mapped names of a group's volumes begin with."""
    return group.replace(b"-", b"--") + b"-"


def is_in_group(name: bytes, group: bytes) -> bool:
    """Whether a mapped name is that of a volume of this group.

    No volume's name begins with a hyphen, so another hyphen after the prefix is a doubled one:
    `vg--a-root` is in `vg-a`, not in `vg`.
    """
    prefix = mapped_prefix(group)
    return name.startswith(prefix) and not name.startswith(prefix + b"-")


def volume_in(name: bytes, group: bytes) -> bytes:
    """The volume of this group that has a mapped name; b"" if none has."""
    if not is_in_group(name, group):
        return b""
    return name.removeprefix(mapped_prefix(group)).replace(b"--", b"-")


def group_and_volume(name: bytes) -> tuple[bytes, bytes] | None:
    """The group and the volume that have a mapped name; None if it is not the name of a volume."""
    found = _GROUP_AND_VOLUME.fullmatch(name)
    if found is None:
        return None
    return found[1].replace(b"--", b"-"), found[2].replace(b"--", b"-")
