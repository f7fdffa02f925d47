"""`mount` and `umount`: have the clone where an administrator can look at it, or work in it."""

import os

from drdwrap.clone_disk import preconditions, source
from drdwrap.clone_disk.counterparts import CloneDisk
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, ProgramError, RefusedError
from drdwrap.linux import block_devices, durable, lvm
from drdwrap.linux.mountinfo import mount_at, mounts
from drdwrap.log import Log
from drdwrap.pair import mounting, volume_groups
from drdwrap.pair.mounting import FileSystem
from drdwrap.pair.volume_groups import Found
from drdwrap.paths.escaping import for_screen
from drdwrap.record.state_directory import State
from drdwrap.sync.begin import refuse_unless

_ACTIVATED = b"/run/drdwrap/activated"
"""The LVs that `mount` had to activate, for `umount`; gone with the next boot, as they are then."""


def mount(config: Config, state: State, log: Log, *, for_patching: bool) -> list[FileSystem]:
    """Mount the clone's file systems, in their order, below its root; all of them or none.

    `for_patching` lets programs run in it, and brings in what they need of the running system.
    Returns what is mounted. The lock is held. Errors: DrdwrapError.
    """
    found = _found(config, state)
    systems = planned(config, state)
    idle = [volume.path for volume in found.clone_volumes() if not volume.is_active]
    os.makedirs(os.path.dirname(_ACTIVATED), mode=0o700, exist_ok=True)
    if idle:
        paths = {*idle, *_activated()}  # those of a mount that was cut off, too
        durable.write(_ACTIVATED, [os.fsencode(path) + b"\n" for path in sorted(paths)])
        lvm.activate(idle)
    options = mounting.FOR_PROGRAMS if for_patching else mounting.GUARDED
    try:
        mounting.mount(systems, found.clone_root, options)
        if for_patching:
            mounting.mount_kernel(found.clone_root)
    except BaseException:
        umount(config, log)
        raise
    log.item(f"The clone is mounted at {for_screen(found.clone_root)}.")
    return systems


def planned(config: Config, state: State) -> list[FileSystem]:
    """What `mount` would mount. RefusedError where it would not."""
    found = _found(config, state)
    present = mounting.mount_points(found.clone_root)
    if present:
        raise RefusedError(
            f"something is mounted at {for_screen(present[-1])} already",
            "unmount it; if it is the clone, 'drdwrap umount' does",
        )
    return [*found.file_systems(), *_boot(found)]


def umount(config: Config, log: Log) -> list[bytes]:
    """Unmount all that is mounted at and below the clone's root, never lazily, and deactivate what
    `mount` has activated. Returns the mount points that there were, innermost first. DrdwrapError,
    naming who keeps one busy. RefusedError when what is mounted there is not the clone."""
    points = mount_points(config)
    if points:
        mounting.unmount(_root(config))
    _deactivate()
    log.item("The clone is unmounted." if points else "The clone was not mounted.")
    return points


def _deactivate() -> None:
    activated = _activated()
    try:
        lvm.deactivate(activated)
    except ProgramError as error:
        hints = filter(None, map(mounting.shown_elsewhere, activated))
        raise DrdwrapError(error.message, next(hints, "")) from error
    durable.remove(_ACTIVATED)


def mount_points(config: Config) -> list[bytes]:
    """What `umount` would unmount, innermost first. RefusedError where that is not the clone."""
    root = _root(config)
    points = mounting.mount_points(root)
    mounted = mount_at(root, mounts())
    # As the device mapper writes it: a hyphen that is part of a name is doubled.
    prefix = f"/dev/mapper/{config.clone.volume_group.replace('-', '--')}-"
    if points and (mounted is None or not mounted.source.startswith(os.fsencode(prefix))):
        raise RefusedError(
            f"what is mounted at {for_screen(points[-1])} is not the clone",
            "unmount it by hand, if it is to be unmounted",
        )
    return points


def _root(config: Config) -> bytes:
    if config.layout != "lvm":
        raise RefusedError(
            "with 'layout: directories' drdwrap does not know what to mount",
            "mount and unmount the clone by hand",
        )
    root = os.path.realpath(os.fsencode(config.clone.root))
    if root == b"/":
        raise RefusedError("clone.root is /, where the booted system is", "name another directory")
    return root


def _found(config: Config, state: State) -> Found:
    _root(config)
    refuse_unless([state.finished_making()])
    found, checks = volume_groups.discover(config)
    refuse_unless(checks)
    assert found is not None
    return found


def _boot(found: Found) -> list[FileSystem]:
    """The clone's own boot partitions, if any. RefusedError where one would be left out."""
    assert found.clone is not None
    tree = block_devices.devices()
    disk = CloneDisk.of(found.clone, tree)
    origin = source.of_booted(found, tree)
    if disk is None or disk.disk in origin.disks:  # a group that was made by hand
        return []
    refuse_unless([preconditions.booted_boot(origin, disk)])
    return disk.boot_file_systems(origin)


def _activated() -> list[str]:
    try:
        with open(_ACTIVATED, "rb") as file:
            return [os.fsdecode(line) for line in file.read().splitlines()]
    except OSError:
        return []
