"""Is the clone large enough for a first fill? What is on it now is counted as free."""

import os
from dataclasses import replace

from drdwrap.errors import RefusedError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.pair.pair import Pair
from drdwrap.paths.arithmetic import absolute
from drdwrap.sync import space
from drdwrap.sync.begin import Run
from drdwrap.sync.space import Room


def refuse_without_room(run: Run, *, occupied: bool) -> None:
    """RefusedError when the clone is too small. `occupied`: it holds something already."""
    rooms = {volume: _room(run, volume, occupied) for volume in run.pair.volumes}
    if all(room.enough for room in rooms.values()):
        return
    # What is excluded takes room on the booted side and none on the clone.
    (booted,) = scan([run.trees.booted], run.excluded)
    exactly = _needed(booted, run.pair)
    for volume, room in rooms.items():
        size, inodes = exactly[volume]
        needed = replace(
            room,
            needed=min(room.needed, size),
            inodes_needed=min(room.inodes_needed, inodes),
        )
        if not needed.enough:
            raise RefusedError(
                f"there is no room: {space.complaint(needed)}",
                "use a larger clone, or exclude something",
            )


def _room(run: Run, volume: bytes, occupied: bool) -> Room:
    """What a whole copy of this booted file system needs on the clone's."""
    here = os.statvfs(absolute(run.trees.booted.root, volume))
    there = os.statvfs(absolute(run.trees.clone.root, volume))
    inodes = here.f_files - here.f_ffree
    inodes_free = there.f_files if occupied else there.f_ffree
    return Room(
        volume,
        needed=(here.f_blocks - here.f_bfree) * here.f_frsize,
        freed=0,
        free=(there.f_blocks if occupied else there.f_bfree) * there.f_frsize,
        inodes_needed=inodes,
        inodes_freed=0,
        inodes_free=inodes_free if there.f_files else inodes,  # btrfs has no fixed number
    )


def _needed(booted: Inventory, pair: Pair) -> dict[bytes, tuple[int, int]]:
    """By volume: the bytes of all files, each name's, and the number of names."""
    found = dict.fromkeys(pair.volumes, (0, 0))
    for line in storage.lines(booted.storage):
        entry = Entry.parse(line)
        volume = pair.volume_of(entry.path)
        size, number = found[volume]
        found[volume] = size + entry.size, number + 1
    return found
