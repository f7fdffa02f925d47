"""`mount`: mount the clone, so that an administrator can look at it or work in it."""

from drdwrap.actions.umount import clone_root, umount
from drdwrap.checks import refuse_unless
from drdwrap.clone_disk.boot_partitions import boot_partitions_to_mount
from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.log import Log
from drdwrap.pair import activated_lvs, chroot_mounts, mounting, volume_groups
from drdwrap.pair.mounting import FileSystem
from drdwrap.pair.volume_groups import VolumeGroups
from drdwrap.paths.escaping import for_screen
from drdwrap.record.state_directory import StateDirectory


def mount(
    config: Config, state: StateDirectory, log: Log, *, for_patching: bool
) -> list[FileSystem]:
    """Mount the clone's file systems below its root, in their order; all of them or none.

    `for_patching` lets programs run in it, and mounts /dev, /proc and /sys there. Returns what is
    mounted. The lock is held. Errors: DrdwrapError.
    """
    found = _checked(config, state)
    systems = _file_systems(found)
    activated_lvs.activate_and_note(found.clone_lvs())
    options = mounting.FOR_PROGRAMS if for_patching else mounting.GUARDED
    try:
        mounting.mount(systems, found.clone_root, options)
        if for_patching:
            chroot_mounts.mount_kernel(found.clone_root)
    except BaseException:
        umount(config, log)
        raise
    name = "other image" if config.clone.is_booted else "clone"
    log.item(f"The {name} is mounted at {for_screen(found.clone_root)}.")
    return systems


def planned(config: Config, state: StateDirectory) -> list[FileSystem]:
    """What `mount` would mount. RefusedError if it would refuse."""
    return _file_systems(_checked(config, state))


def _checked(config: Config, state: StateDirectory) -> VolumeGroups:
    """Both volume groups. RefusedError unless the clone can be mounted."""
    clone_root(config)
    refuse_unless([state.finished_making()])
    found, checks = volume_groups.found_and_checked(config)
    refuse_unless(checks)
    assert found is not None
    return found


def _file_systems(found: VolumeGroups) -> list[FileSystem]:
    """What is to be mounted. RefusedError if something is already mounted there."""
    present = mounting.mount_points(found.clone_root)
    if present:
        raise RefusedError(
            f"something is already mounted at {for_screen(present[-1])}",
            "unmount it; if it is the clone, use 'drdwrap umount'",
        )
    return [*found.file_systems(), *boot_partitions_to_mount(found)]
