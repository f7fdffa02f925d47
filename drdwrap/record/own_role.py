"""Which part the booted image plays: is it the booted system of the record, or its clone?

The clone carries a marker and its booted system the record (see `docs/internals.md`). While a
`reverse` is under way both images have either; then only both together tell, see `sync.roles`.
"""

import os
from contextlib import suppress
from enum import Enum

from drdwrap.config.model import Config
from drdwrap.linux.mountinfo import mounts
from drdwrap.linux.real_path import real_path
from drdwrap.pair.identity import identity, root_part
from drdwrap.pair.pair import Pair
from drdwrap.record import marker, store
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header


class Role(Enum):
    """What an image by itself tells of its part."""

    BOOTED = "booted system"
    """The other image is kept in step with it, or it was never cloned."""
    CLONE = "clone"
    UNCLEAR = "unclear"
    """It has both a record and a marker: the other image tells."""


def role(config: Config, state: StateDirectory) -> Role:
    """The part of the booted image, as far as it is known without the other one."""
    header = store.read_header(state.record)
    try:
        carried = marker.read(booted_root(config))
    except OSError:
        carried = None
    if header is None and config.clone.is_booted:
        return Role.CLONE
    if carried is None:
        return Role.BOOTED
    if header is None:
        return Role.UNCLEAR if os.path.lexists(state.record) else Role.CLONE
    if header.record_id == carried.record_id:
        if header.generation > carried.generation:
            return Role.BOOTED
        return Role.CLONE if _is_named_as_clone(config, header) else Role.UNCLEAR
    if carried.other and carried.other != root_part(header.clone_id):
        return Role.BOOTED  # the clone of one image, and the booted system of another
    return Role.UNCLEAR


def _is_named_as_clone(config: Config, header: Header) -> bool:
    """Whether the record of both images, which lies on neither, has the booted one as the clone."""
    if config.layout == "lvm":
        return False  # that would mean to ask LVM
    root = booted_root(config)
    with suppress(OSError):
        return identity(root, mounts()) == root_part(header.clone_id)
    return False


def booted_root(config: Config) -> bytes:
    """Where the booted image is mounted."""
    return b"/" if config.layout == "lvm" else real_path(config.booted.root)


def is_of(header: Header | None, pair: Pair) -> bool:
    """Whether this is the header of a record of this pair in these roles."""
    return header is not None and (header.booted_id, header.clone_id) == (
        pair.booted_id,
        pair.clone_id,
    )
