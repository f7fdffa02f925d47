"""Is the clone large enough for a first fill? What is on it now is counted as free."""

import os

from drdwrap.errors import RefusedError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory, scan
from drdwrap.pair.pair import Pair
from drdwrap.paths.arithmetic import absolute
from drdwrap.sync.begin import Run
from drdwrap.sync.space import PLENTY, lacking
from drdwrap.sync.what_fits import Amount


def refuse_without_room(run: Run, *, occupied: bool) -> None:
    """RefusedError when the clone is too small. `occupied`: it holds something already."""
    found = {volume: _amounts(run, volume, occupied) for volume in run.pair.volumes}
    if all(needed.fits(free) for needed, free in found.values()):
        return
    # What is excluded takes room on the booted side and none on the clone.
    (booted,) = scan([run.trees.booted], run.excluded)
    exactly = _needed(booted, run.pair)
    for volume, (most, free) in found.items():
        named = exactly[volume]
        needed = Amount(min(most.size, named.size), min(most.inodes, named.inodes))
        if not needed.fits(free):
            raise RefusedError(
                f"there is no room: {lacking(volume, needed, free)}",
                "use a larger clone, or exclude something",
            )


def _amounts(run: Run, volume: bytes, occupied: bool) -> tuple[Amount, Amount]:
    """What a whole copy of this booted file system needs on the clone's, and what that has."""
    here = os.statvfs(absolute(run.trees.booted.root, volume))
    there = os.statvfs(absolute(run.trees.clone.root, volume))
    blocks, inodes = (there.f_blocks, there.f_files) if occupied else (there.f_bfree, there.f_ffree)
    used = Amount((here.f_blocks - here.f_bfree) * here.f_frsize, here.f_files - here.f_ffree)
    return used, Amount(blocks * there.f_frsize, inodes if there.f_files else PLENTY)


def _needed(booted: Inventory, pair: Pair) -> dict[bytes, Amount]:
    """By volume: the bytes of all files, each name's, and the number of names."""
    found = dict.fromkeys(pair.volumes, Amount())
    for line in storage.lines(booted.storage):
        entry = Entry.parse(line)
        found[pair.volume_of(entry.path)] += Amount(entry.size, 1)
    return found
