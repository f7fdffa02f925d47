"""`umount`: unmount the clone, and deactivate what `mount` activated."""

from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.linux.device_mapper import is_in_group, mapped_name
from drdwrap.linux.mountinfo import mount_at, mounts
from drdwrap.linux.real_path import real_path
from drdwrap.log import Log
from drdwrap.pair import activated_lvs, mounting
from drdwrap.paths.escaping import for_screen


def umount(config: Config, log: Log) -> list[bytes]:
    """Unmount everything at and below the clone's root, never lazily, and deactivate what `mount`
    activated. Returns the former mount points, innermost first. DrdwrapError, which says who keeps
    one busy. RefusedError if what is mounted there is not the clone."""
    points = mount_points(config)
    if points:
        mounting.unmount(clone_root(config))
    activated_lvs.deactivate_noted()
    name = "other image" if config.clone.is_booted else "clone"
    log.item(f"The {name} {'is unmounted' if points else 'was not mounted'}.")
    return points


def mount_points(config: Config) -> list[bytes]:
    """What `umount` would unmount, innermost first. RefusedError if that is not the clone."""
    root = clone_root(config)
    points = mounting.mount_points(root)
    mounted = mount_at(root, mounts())
    group = config.clone.volume_group.encode()
    name = mapped_name(mounted.source) if mounted else b""
    if points and not is_in_group(name, group):
        raise RefusedError(
            f"what is mounted at {for_screen(points[-1])} is not the clone",
            "unmount it by hand",
        )
    return points


def clone_root(config: Config) -> bytes:
    """Where the clone is mounted. RefusedError if drdwrap does not mount it."""
    if config.layout != "lvm":
        raise RefusedError(
            "with 'layout: directories' drdwrap does not know what to mount",
            "mount and unmount the clone by hand",
        )
    root = real_path(config.clone.root)
    if root == b"/":
        raise RefusedError("clone.root is /, where the booted system is", "name another directory")
    return root
