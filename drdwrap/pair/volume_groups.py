"""The two volume groups of `layout: lvm`, the booted one and the clone's, and their checks."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from drdwrap.checks import Check
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import block_devices, fstab, lvm
from drdwrap.linux.lvm import LogicalVolume, VolumeGroup
from drdwrap.linux.mountinfo import Mount, mounts
from drdwrap.linux.real_path import real_path
from drdwrap.pair import root_group
from drdwrap.pair.mounting import FileSystem
from drdwrap.pair.root_group import MountedVolume, RootGroup
from drdwrap.paths.escaping import for_screen

BOOTED_ROOT = b"/"


@dataclass(frozen=True)
class VolumeGroups:
    """All volume groups of the machine, and which two of them matter.

    `booted` is the booted group, or a sentence about what `/` is mounted from instead. `clone_name`
    is the configured name of the clone's group, `clone_root` where the clone is mounted.
    """

    groups: tuple[VolumeGroup, ...]
    booted: RootGroup | str
    clone_name: str
    clone_root: bytes
    table: tuple[Mount, ...]

    @property
    def root_group(self) -> RootGroup:
        """The booted group. Only for use after `booted_checks` has passed."""
        assert isinstance(self.booted, RootGroup)
        return self.booted

    @property
    def clone(self) -> VolumeGroup | None:
        """The clone's group; None if there is no group of that name, or more than one."""
        named = [group for group in self.groups if group.name == self.clone_name]
        return named[0] if len(named) == 1 else None

    @property
    def booted_from_clone(self) -> bool:
        return isinstance(self.booted, RootGroup) and self.booted.group.name == self.clone_name

    def clone_lv(self, booted: MountedVolume) -> LogicalVolume | None:
        """The clone's LV for a booted file system: the one of the same name, or None."""
        return self.clone.lv(booted.lv.name) if self.clone else None

    def lvs_by_mount_point(self) -> Iterator[tuple[bytes, LogicalVolume]]:
        """The mount points and the clone's LVs for them, in the order to mount them."""
        for system in self.booted.file_systems if isinstance(self.booted, RootGroup) else ():
            lv = self.clone_lv(system)
            if lv is not None:
                yield system.mount_point, lv

    def clone_lvs(self) -> list[LogicalVolume]:
        """The clone's LVs for the booted file systems, in the order to mount them."""
        return [lv for _, lv in self.lvs_by_mount_point()]

    def file_systems(self) -> list[FileSystem]:
        """The clone's file systems, in the order to mount them."""
        return [FileSystem(lv.mapper_path, point) for point, lv in self.lvs_by_mount_point()]


def found_now(config: Config) -> VolumeGroups:
    """The groups as they are now. Nothing is activated, mounted or written. ProgramError."""
    table = tuple(mounts())
    groups = tuple(lvm.groups())
    return VolumeGroups(
        groups,
        root_group.find(groups, table, [entry.mount_point for entry in _mounted_at_boot()]),
        config.clone.volume_group,
        real_path(config.clone.root),
        table,
    )


def found_and_checked(config: Config) -> tuple[VolumeGroups | None, list[Check]]:
    """The groups as they are now (None without LVM), and the checks of both."""
    try:
        found = found_now(config)
    except DrdwrapError as error:
        return None, [Check("LVM can be queried", False, error.message, error.hint)]
    checks = booted_checks(found)
    return found, checks if not all(check.ok for check in checks) else [*checks, clone_check(found)]


def booted_checks(found: VolumeGroups) -> list[Check]:
    """Whether the booted side is in order and is not the clone."""
    name = "the root file system is in a volume group"
    if not isinstance(found.booted, RootGroup):
        remedy = "without LVM, name the two trees under 'layout: directories'"
        return [Check(name, False, found.booted, remedy)]
    group = found.booted.group
    return [
        Check(name, True, group.name),
        _unique(found.groups, group.name),
        Check(
            "the other image's volume group is known",
            not found.booted_from_clone,
            f"/ is in {group.name}"
            + (", the clone's volume group" if found.booted_from_clone else ""),
            "booted from the clone: connect the other image's disk; if this is to be the original"
            " from now on, name another group in clone.volume_group",
        ),
        *_all_mounted(found.booted),
    ]


def _unique(groups: Sequence[VolumeGroup], name: str) -> Check:
    same = [group.uuid for group in groups if group.name == name]
    return Check(
        f"there is one volume group {name}",
        len(same) == 1,
        ", ".join(same),
        "rename all others: 'vgrename UUID NEWNAME'",
    )


def clone_check(found: VolumeGroups) -> Check:
    """Whether the clone's group is there, complete, and the only one of its name."""
    name = found.clone_name
    same = [group for group in found.groups if group.name == name]
    if len(same) > 1:
        return _unique(found.groups, name)
    if not same:
        return Check(
            "the clone's volume group is there",
            False,
            f"there is no volume group {name}",
            "make the clone with 'drdwrap clone --disk DEVICE'; or connect its disk (and open an"
            " encrypted one with cryptsetup), or correct clone.volume_group",
        )
    lacking = any(one.missing for one in same[0].physical)
    return Check(
        "the clone's volume group is there",
        not lacking,
        f"{name} lacks a disk" if lacking else name,
        "connect the missing disk",
    )


def _all_mounted(booted: RootGroup) -> list[Check]:
    """A failed check for each LV of the booted group that fstab mounts at boot and that is not
    mounted."""
    mounted = {system.lv.uuid for system in booted.file_systems}
    checks = []
    for entry in _mounted_at_boot():
        number = block_devices.number_of(block_devices.node_of(entry.spec))
        lv = booted.group.lv_at(number) if number else None
        if lv is not None and lv.uuid not in mounted:
            checks.append(
                Check(
                    f"booted volume {for_screen(entry.mount_point)} is mounted",
                    False,
                    f"{lv.path} is not mounted",
                    "mount it, or remove it from /etc/fstab",
                )
            )
    return checks


def named_in_fstab() -> list[str]:
    """The device numbers of all devices that fstab names, mounted or not."""
    numbers = [
        block_devices.number_of(block_devices.node_of(entry.spec))
        for entry in fstab.of(BOOTED_ROOT)
    ]
    return [number for number in numbers if number]


def _mounted_at_boot() -> list[fstab.Entry]:
    found = fstab.of(BOOTED_ROOT)
    return [e for e in found if e.mount_point.startswith(b"/") and b"noauto" not in e.options]
