"""The booted volume group, which holds the root file system, and its mounted volumes."""

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from drdwrap.linux import block_devices
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.linux.mountinfo import Mount, mount_of
from drdwrap.paths.escaping import for_screen

_SYSFS = Path("/sys/dev/block")


@dataclass(frozen=True)
class MountedVolume:
    """A mounted file system of the booted volume group. `mount_point` is relative to the root.

    `encrypted`: the LV holds a LUKS container, which holds the file system.
    """

    mount_point: bytes
    type: str
    source: bytes
    lv: LogicalVolume
    encrypted: bool = False


@dataclass(frozen=True)
class RootGroup:
    """The booted volume group and its mounted file systems, outermost first: the root is first."""

    group: VolumeGroup
    file_systems: tuple[MountedVolume, ...]

    def at(self, mount_point: bytes) -> MountedVolume | None:
        return next(
            (found for found in self.file_systems if found.mount_point == mount_point), None
        )


def find(
    groups: Iterable[VolumeGroup], table: Sequence[Mount], at_boot: Collection[bytes] = ()
) -> RootGroup | str:
    """The volume group that `/` is mounted from, or a sentence about what is mounted there instead.

    Of each LV the first mount of its whole file system counts, so bind mounts do not. Snapshots are
    mounted for a backup and do not count either, except at the root or at a mount point (absolute)
    `at_boot`.
    """
    root = mount_of(b"/", table)
    for group in groups:
        found: dict[str, MountedVolume] = {}
        for mount in table:
            lv, encrypted = _lv_of(group, mount)
            if lv is None or mount.root != b"/" or lv.uuid in found:
                continue
            if not lv.holds_data and mount.mount_point not in (b"/", *at_boot):
                continue
            point = mount.mount_point.strip(b"/")
            found[lv.uuid] = MountedVolume(point, mount.type, mount.source, lv, encrypted)
        systems = tuple(sorted(found.values(), key=lambda one: depth(one.mount_point)))
        if systems and systems[0].mount_point == b"":
            return RootGroup(group, systems)
        if _lv_of(group, root)[0] is not None:
            inside = for_screen(root.root)
            return f"/ is {inside} within a file system of {group.name} ({root.type} subvolume)"
    source = for_screen(root.source) or "an unknown device"
    return f"/ is not on LVM: it is {root.type or 'something'} on {source}"


def depth(mount_point: bytes) -> tuple[bool, int, bytes]:
    """A key that sorts mount points (relative) outermost first, the root before all."""
    return mount_point != b"", mount_point.count(b"/"), mount_point


def _lv_of(group: VolumeGroup, mount: Mount) -> tuple[LogicalVolume | None, bool]:
    """The LV of the group that is mounted, and whether the file system is encrypted in it."""
    number = number_of(mount)
    lv = group.lv_at(number)
    if lv is not None:
        return lv, False
    for below in _slaves(number):
        lv = group.lv_at(below)
        if lv is not None and _is_encrypted(number):
            return lv, True
    return None, False


def number_of(mount: Mount) -> str:
    """The device number (`major:minor`) of what is mounted.

    btrfs has an anonymous number: then it is that of the device it was mounted from.
    """
    anonymous = mount.device.startswith("0:") and mount.source.startswith(b"/dev/")
    return (block_devices.number_of(mount.source) if anonymous else "") or mount.device


def mapped_names(mount: Mount) -> list[bytes]:
    """The device mapper's names of the mounted device, and of those that it lies on directly."""
    number = number_of(mount)
    names = []
    for one in (number, *_slaves(number)):
        with suppress(OSError):  # not a device of the device mapper
            names.append((_SYSFS / one / "dm" / "name").read_bytes().removesuffix(b"\n"))
    return names


def _slaves(number: str) -> list[str]:
    """The devices that a device lies on directly (sysfs)."""
    try:
        return [
            (path / "dev").read_text("ascii").strip()
            for path in (_SYSFS / number / "slaves").iterdir()
        ]
    except OSError:
        return []


def _is_encrypted(number: str) -> bool:
    try:
        return (_SYSFS / number / "dm" / "uuid").read_bytes().startswith(b"CRYPT-")
    except OSError:
        return False
