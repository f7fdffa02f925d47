"""`layout: lvm`: the booted volume group and the clone's, from what LVM and the kernel report."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from drdwrap.checks import Check, unanswered
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import block_devices, device_mapper, efibootmgr, lvm
from drdwrap.linux.block_devices import Devices
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.linux.mountinfo import is_mount_point, mount_at, mount_of, mounts
from drdwrap.pair import mounting, root_group
from drdwrap.pair.pair import Pair
from drdwrap.pair.root_group import MountedVolume, RootGroup
from drdwrap.pair.volume_checks import exact_times, sound, writable
from drdwrap.pair.volume_groups import BOOTED_ROOT, VolumeGroups, clone_check, found_and_checked
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen


def find_pair(config: Config) -> tuple[Pair | None, list[Check]]:
    """The pair, and every check. None if a check failed. The clone must be mounted."""
    found, checks = found_and_checked(config)
    if found is None or not all(check.ok for check in checks):
        return None, checks
    booted, clone = found.root_group, found.clone
    assert clone is not None
    for system in booted.file_systems:
        checks += _clone_checks(found, clone, system)
    if not all(check.ok for check in checks):
        return None, checks
    systems = booted.file_systems
    pair = Pair(
        BOOTED_ROOT,
        found.clone_root,
        tuple(system.mount_point for system in systems),
        _identity(booted.group, [(s.mount_point, s.lv) for s in systems]),
        _identity(clone, list(found.lvs_by_mount_point())),
    )
    return pair, checks


@contextmanager
def present(config: Config) -> Iterator[list[Check]]:
    """Mount the clone for the length of the context, unless it is mounted already.

    Yields a failed check for what could not be done.
    """
    with ExitStack() as stack:
        yield _bring_in(stack, config)


def _bring_in(stack: ExitStack, config: Config) -> list[Check]:
    found, checks = found_and_checked(config)
    if found is None or not all(check.ok for check in checks):
        return []  # `find_pair` returns the failed checks
    if is_mount_point(found.clone_root, found.table):
        return []
    what = "the clone's volume group can be activated"
    try:
        stack.enter_context(active(found.clone_lvs()))
        what = "the clone can be mounted"
        systems = found.file_systems()
        stack.enter_context(mounting.mounted_privately(systems, found.clone_root, mounting.GUARDED))
    except PermissionError as error:
        return [Check(what, False, str(error), "run it as root")]
    except DrdwrapError as error:
        return [Check(what, False, error.message, error.hint or "see 'drdwrap check'")]
    except OSError as error:
        return [unanswered(what, error)]
    return []


@contextmanager
def active(lvs: Sequence[LogicalVolume]) -> Iterator[None]:
    """Activate these LVs for the length of the context. Those that were active stay so.
    ProgramError."""
    idle = [lv.path for lv in lvs if not lv.is_active]
    try:
        lvm.activate(idle)
        yield
    finally:
        with suppress(ProgramError):  # somebody uses one by now; it does no harm to leave it active
            lvm.deactivate(idle)


def _clone_checks(found: VolumeGroups, clone: VolumeGroup, system: MountedVolume) -> list[Check]:
    path = for_screen(b"/" + system.mount_point)
    lv = found.clone_lv(system)
    if lv is None:
        return [
            Check(
                f"the clone has an LV for {path}",
                False,
                f"{clone.name} has no LV {system.lv.name}",
                "make it ('lvcreate') and a file system on it, or make the clone again with"
                " 'drdwrap clone --disk DEVICE --overwrite'",
            )
        ]
    point = absolute(found.clone_root, system.mount_point)
    mount = mount_at(point, found.table)
    if mount is None:
        return [
            Check(
                f"clone {path} is mounted",
                False,
                f"nothing is mounted at {for_screen(point)}",
                "run 'drdwrap umount' and then 'drdwrap mount'",
            )
        ]
    right = clone.lv_at(root_group.number_of(mount)) == lv and mount.root == b"/"
    source = for_screen(mount.source)
    return [
        Check(
            f"clone {path} is mounted from the right LV",
            right,
            source if right else f"from {source} instead of {lv.path}",
            "unmount it, and mount the clone with 'drdwrap mount'",
        ),
        sound(absolute(BOOTED_ROOT, system.mount_point), found.table),
        writable(point, found.table),
        exact_times(absolute(BOOTED_ROOT, system.mount_point), point, found.table),
    ]


def _identity(group: VolumeGroup, lvs: Sequence[tuple[bytes, LogicalVolume]]) -> str:
    """A permanent name for one side, which stays when its group or LVs are renamed."""
    parts = [f"/{for_screen(point)}={lv.uuid}" for point, lv in lvs]
    return " ".join([f"vg={group.uuid}", *parts])


def booted_from_clone(config: Config) -> bool:
    """Whether `/` lies in an LV of the clone's group, going by the device mapper's names."""
    group = config.clone.volume_group.encode()
    names = root_group.mapped_names(mount_of(b"/", mounts()))
    return any(device_mapper.is_in_group(name, group) for name in names)


def describe(config: Config) -> tuple[dict[str, Any], list[Check]]:
    """See `layout.Layout`. `booted_from`: which of the two is running; `next_boot`: the disk that
    the firmware boots next, or None. `missing` of a side: why it has no volume group, or None."""
    found, checks = found_and_checked(config)
    devices = block_devices.devices()
    if found is None:
        booted = clone = _Group(missing=checks[0].found)
    elif isinstance(found.booted, RootGroup):
        booted, clone = _Group(found.booted.group), _clone_group(found)
    else:
        booted, clone = _Group(missing=found.booted), _clone_group(found)
    clone_root = found.clone_root if found else config.clone.root
    clone_is_mounted = is_mount_point(clone_root, mounts())
    booted_from_clone = config.clone.is_booted or (found and found.booted_from_clone)
    origin = "clone" if booted_from_clone else "original"
    sides = {
        "booted": _side(booted, devices, BOOTED_ROOT, mounted=True),
        "clone": _side(clone, devices, config.clone.root, mounted=clone_is_mounted),
        "booted_from": origin if booted.group else None,
        "next_boot": efibootmgr.next_boot(devices),
    }
    return sides, checks


@dataclass(frozen=True)
class _Group:
    """The volume group of one side; or None, and why there is none."""

    group: VolumeGroup | None = None
    missing: str | None = None


def _clone_group(found: VolumeGroups) -> _Group:
    number = sum(group.name == found.clone_name for group in found.groups)
    if number > 1:
        return _Group(missing=f"there are {number} volume groups {found.clone_name}")
    return _Group(found.clone, None if found.clone else clone_check(found).found)


def _side(of_side: _Group, devices: Devices, root: bytes, *, mounted: bool) -> dict[str, Any]:
    group = of_side.group
    numbers = [block_devices.number_of(one.device) for one in group.physical] if group else []
    disks = {disk.path for number in numbers for disk in devices.disks_of(number)}
    return {
        "root": for_screen(root),
        "volume_group": group.name if group else None,
        "missing": of_side.missing,
        "device": ", ".join(sorted(disks)) or None,
        "mounted": mounted,
    }
