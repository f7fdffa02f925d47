"""Which of the two images is kept in step with the other, now that both can be seen.

The record with these roles decides, wherever it lies: each image has a state directory of its own,
or both share one that is on neither.
"""

import os
from contextlib import suppress

from drdwrap.config.model import Config
from drdwrap.errors import BootedFromCloneError, RecordError
from drdwrap.linux.real_path import real_path
from drdwrap.pair.identity import root_part
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.record import intent, marker, own_role, store
from drdwrap.record.marker import Marker
from drdwrap.record.own_role import Role
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header


def refuse_without_looking(config: Config, state: StateDirectory) -> None:
    """BootedFromCloneError if the booted image by itself tells that it is the clone: the other one
    need not be there."""
    if own_role.role(config, state) is Role.CLONE:
        raise BootedFromCloneError


def refuse_as_clone(config: Config, state: StateDirectory, pair: Pair, trees: Trees) -> None:
    """BootedFromCloneError if the booted image is kept in step with the other one; RecordError if
    that cannot be told."""
    if is_clone(config, state, pair, trees):
        raise BootedFromCloneError


def is_clone(config: Config, state: StateDirectory, pair: Pair, trees: Trees) -> bool:
    """Whether the booted image is the clone, and not the booted system of the record.

    RecordError if the other image's record is needed for that and cannot be read.
    """
    mine = store.read_header(state.record)
    there = state_on_other(state, pair, trees)
    if there is None:
        return own_role.is_of(mine, pair.turned())
    if config.clone.is_booted and not own_role.is_of(mine, pair):
        return True
    theirs = store.read_header(there.record)
    carried = marker.read(pair.booted_root)
    if theirs is None:
        return _is_clone_without_record(mine, there, carried, pair)
    if not own_role.is_of(theirs, pair.turned()):
        return False
    if mine is None or not own_role.is_of(mine, pair):
        return True
    if mine.record_id == theirs.record_id:
        return theirs.generation > mine.generation
    return carried in _markers_of(theirs, there)


def _is_clone_without_record(
    mine: Header | None, there: StateDirectory, carried: Marker | None, pair: Pair
) -> bool:
    is_newer = carried is not None and (mine is None or carried.generation > mine.generation)
    if is_newer and os.path.lexists(there.record):
        raise RecordError(
            f"{for_screen(there.record)} on the other image cannot be read, and which of the two"
            " images is the clone depends on it",
            "look at that file; 'drdwrap clone --overwrite' makes a new clone and a new record",
        )
    return mine is None and carried is not None and carried.other == root_part(pair.clone_id)


def _markers_of(header: Header, state: StateDirectory) -> list[Marker]:
    """The markers that the clone of this record can have."""
    found = [Marker.of(header)]
    with suppress(RecordError):
        begun = intent.read(state.intent)
        if begun is not None:
            found.append(Marker(begun.record_id, begun.generation))
    return found


def state_on_other(state: StateDirectory, pair: Pair, trees: Trees) -> StateDirectory | None:
    """The state directory of the other image, on its own disk (it may not exist yet).

    None if it is on neither image, so that both have the same one.
    """
    root = pair.booted_root.rstrip(b"/") + b"/"
    real = real_path(state.directory)
    if not real.startswith(root):
        return None
    inside = real.removeprefix(root)
    try:
        seen = os.stat(absolute(trees.booted.root, inside))
        if not os.path.samestat(seen, os.stat(state.directory)):
            return None
    except OSError:  # it is on a file system that is not of the pair
        return None
    return StateDirectory(absolute(trees.clone.root, inside))
