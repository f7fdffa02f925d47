"""The names that the device mapper has for logical volumes: `group-lv`.

A hyphen within either name is doubled: LV `my-data` of group `vg-1` is `vg--1-my--data`.
"""

import re

MAPPER = b"/dev/mapper/"
"""The directory of the device mapper's nodes, which have the mapped names."""

_GROUP_AND_LV = re.compile(rb"((?:[^-]|--)+)-((?:[^-]|--)+)")


def mapped_name(path: bytes) -> bytes:
    """The mapped name of a device node below `MAPPER`; b"" for any other path."""
    return path.removeprefix(MAPPER) if path.startswith(MAPPER) else b""


def mapped_prefix(group: bytes) -> bytes:
    """What the mapped names of a group's LVs begin with."""
    return group.replace(b"-", b"--") + b"-"


def is_in_group(name: bytes, group: bytes) -> bool:
    """Whether a mapped name is that of an LV of this group.

    No LV's name begins with a hyphen, so another hyphen after the prefix is a doubled one:
    `vg--a-root` is in `vg-a`, not in `vg`.
    """
    prefix = mapped_prefix(group)
    return name.startswith(prefix) and not name.startswith(prefix + b"-")


def lv_in(name: bytes, group: bytes) -> bytes:
    """The LV of this group that has a mapped name; b"" if none has."""
    if not is_in_group(name, group):
        return b""
    return name.removeprefix(mapped_prefix(group)).replace(b"--", b"-")


def group_and_lv(name: bytes) -> tuple[bytes, bytes] | None:
    """The group and the LV that have a mapped name; None if it is not the name of an LV."""
    found = _GROUP_AND_LV.fullmatch(name)
    if found is None:
        return None
    return found[1].replace(b"--", b"-"), found[2].replace(b"--", b"-")
