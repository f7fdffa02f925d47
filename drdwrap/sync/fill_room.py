"""Is the clone large enough for a first fill? What is on it now is counted as free.

What a file system has in use says how much a copy of it needs, except where files share blocks
(reflinks). rsync copies each of them whole, so there each file is asked.
"""

import os

from drdwrap.errors import RefusedError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry
from drdwrap.inventory.scan import Inventory
from drdwrap.linux.mountinfo import mount_of, mounts
from drdwrap.paths.arithmetic import absolute
from drdwrap.sync import space
from drdwrap.sync.begin import Run
from drdwrap.sync.what_fits import Amount

_BLOCK = 4096


def refuse_without_room(run: Run, booted: Inventory, *, occupied: bool) -> None:
    """RefusedError when the clone is too small. `occupied`: it holds something already."""
    found = {volume: _amounts(run, volume, occupied) for volume in run.pair.volumes}
    sharing = _sharing(run)
    if not sharing and all(needed.fits(free) for needed, free in found.values()):
        return
    # What is excluded takes room on the booted side and none on the clone.
    exactly = _needed(run, booted)
    for volume, (most, free) in found.items():
        exact = exactly[volume]
        size = exact.size if volume in sharing else min(most.size, exact.size)
        needed = Amount(size, min(most.inodes, exact.inodes))
        if not needed.fits(free):
            raise RefusedError(
                f"there is no room: {space.lacking(volume, needed, free)}",
                "use a larger clone, or exclude something",
            )


def _amounts(run: Run, volume: bytes, occupied: bool) -> tuple[Amount, Amount]:
    """What a whole copy of this booted file system needs on the clone's, and what that has."""
    here = os.statvfs(absolute(run.trees.booted.root, volume))
    there = os.statvfs(absolute(run.trees.clone.root, volume))
    blocks, inodes = (there.f_blocks, there.f_files) if occupied else (there.f_bfree, there.f_ffree)
    used = Amount((here.f_blocks - here.f_bfree) * here.f_frsize, here.f_files - here.f_ffree)
    return used, Amount(blocks * there.f_frsize, inodes if there.f_files else space.PLENTY)


def _sharing(run: Run) -> set[bytes]:
    """The volumes whose files may share blocks.

    btrfs is not among them: it may compress, and then no file says what it takes on the disk.
    """
    table = mounts()
    roots = {volume: absolute(run.trees.booted.root, volume) for volume in run.pair.volumes}
    return {volume for volume, root in roots.items() if mount_of(root, table).type == "xfs"}


def _needed(run: Run, booted: Inventory) -> dict[bytes, Amount]:
    """By volume: the bytes that all files take, each of them once, and their number."""
    found = dict.fromkeys(run.pair.volumes, Amount())
    seen: set[tuple[bytes, bytes]] = set()
    for line in storage.lines(booted.storage):
        entry = Entry.parse(line)
        volume = run.pair.volume_of(entry.path)
        if entry.links > 1 and not entry.is_directory:
            if (volume, entry.inode) in seen:
                continue
            seen.add((volume, entry.inode))
        # What a file system keeps ready behind a file's end is not copied.
        there = space.allocated(absolute(run.trees.booted.root, entry.path)) if entry.size else 0
        found[volume] += Amount(min(there, entry.size + _BLOCK) if entry.is_file else there, 1)
    return found
