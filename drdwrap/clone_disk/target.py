"""May this disk become the clone's? Every reason against it, before anything is written."""

import os
from collections.abc import Collection, Container, Iterable, Sequence

from drdwrap.checks import Check
from drdwrap.clone_disk.disk_plan import DiskPlan
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import BlockDevice, Devices, number_of
from drdwrap.linux.lvm import VolumeGroup

_STABLE = ("/dev/disk/by-id", "/dev/disk/by-path")
_WHOLE = "disk"


def find(path: str, tree: Devices) -> tuple[BlockDevice | None, list[Check]]:
    """The disk that `path` names, if it is one, and whether `path` will name it tomorrow too."""
    number = number_of(path)
    disk = tree.at(number) if number else None
    checks = [
        Check(
            "the clone's disk is a whole disk",
            disk is not None and disk.kind == _WHOLE,
            (f"{path} is {disk.kind}" if disk else f"{path} is no block device"),
            "name a disk as in /dev/disk/by-id (multipath devices are not supported)",
        )
    ]
    if disk is None or disk.kind != _WHOLE:
        return None, checks
    names = stable_names(disk)
    stable = path in names or not names
    checks.append(
        Check(
            "the clone's disk is named for good",
            stable,
            path if stable else f"{path} may be another disk after the next boot",
            f"name it {names[0]}" if names else "",
        )
    )
    return disk, checks


def stable_names(disk: BlockDevice) -> list[str]:
    """The names in /dev/disk that stay with a disk or partition, by its own identity first."""
    found: list[str] = []
    for directory in _STABLE:
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            continue
        paths = [f"{directory}/{name}" for name in names]
        found += [path for path in paths if number_of(path) == disk.number]
    return found


def judge(
    disk: BlockDevice,
    source: Source,
    plan: DiskPlan,
    groups: Sequence[VolumeGroup],
    block_sizes: Collection[int],
    signatures: Sequence[str],
    *,
    overwrite: bool,
) -> list[Check]:
    """Every reason for and against this disk, but for what only an attempt shows.

    `block_sizes` are those of the booted file systems, in bytes, which the clone's will have;
    `signatures` are what is on the disk besides what lsblk tells, in words.
    """
    on_it = {device.number for device in disk.family()}
    old = [g for g in groups if g.name == plan.group]
    ours = [g for g in old if _lies_on(g, on_it)]
    own = {v.number for g in ours for v in g.volumes if v.is_active}
    own |= {number_of(one.device) for g in ours for one in g.physical}
    system = (*source.disks, *source.named)
    booted = [one.path for one in system if one.number == disk.number]
    used = list(_uses(disk, own if overwrite else set()))
    others = [g.name for g in groups if g not in ours and _lies_partly_on(g, on_it)]
    present = ", ".join((_present(disk) or signatures)[:4])
    return [
        Check(
            "the clone's disk holds no part of the booted system",
            not booted,
            f"{disk.path} holds {source.root.group.name} or what it boots by" if booted else "",
            "name another disk",
        ),
        Check(
            "the clone's disk is not in use",
            not used or bool(booted),
            ", ".join(used[:4]),
            "unmount it, close it, or deactivate its volume group ('vgchange -an NAME')",
        ),
        Check(
            "the clone's disk is in no other volume group",
            not others or bool(booted),
            ", ".join(others),
            "take it out first ('vgreduce'), or remove the group ('vgremove')",
        ),
        Check("the clone's disk can be written", not disk.read_only, disk.path, "unlock it"),
        Check(
            "the clone's disk is empty",
            overwrite or not present,
            present,
            "if all on it may go, say --overwrite",
        ),
        Check(
            "the clone's disk is large enough",
            plan.fits(disk),
            f"{plan.needed / 1e6:.0f} MB are needed, and {disk.path} has {disk.size / 1e6:.0f} MB",
            "name a larger disk, or make volumes smaller with --size NAME=SIZE",
        ),
        Check(
            "the clone's disk has sectors as small as the booted file systems' blocks",
            all(size >= disk.sector for size in block_sizes),
            f"sectors of {disk.sector} bytes, blocks of {min(block_sizes, default=0)}",
            "name a disk with smaller sectors",
        ),
        Check(
            f"the name {plan.group} is free",
            len(old) == len(ours) and (not ours or overwrite),
            f"there is a volume group {plan.group}" + ("" if ours else " on another disk"),
            "if it is the old clone on this disk, say --overwrite; else name another group in"
            " clone.volume_group, or rename it ('vgrename')",
        ),
    ]


def _lies_on(group: VolumeGroup, numbers: Container[str]) -> bool:
    """Whether all of a volume group lies on devices of these numbers."""
    return all(number_of(one.device) in numbers for one in group.physical)


def _lies_partly_on(group: VolumeGroup, numbers: Container[str]) -> bool:
    return any(number_of(one.device) in numbers for one in group.physical)


def _uses(disk: BlockDevice, own: set[str]) -> Iterable[str]:
    """What uses the disk, in words. `own` are numbers of LVs that may be deactivated."""
    for device in disk.family():
        for point in device.mount_points:
            yield (
                f"{device.path} is mounted at {point}"
                if point != "[SWAP]"
                else (f"{device.path} is swap in use")
            )
        is_own = device.number in own or any(one.number in own for one in device.family())
        if device.kind not in ("disk", "part") and not is_own:
            yield f"{device.path} ({device.kind}) is open"


def _present(disk: BlockDevice) -> list[str]:
    """What lsblk tells of what is on the disk, in words."""
    found = [f"{d.path} has {d.contents}" for d in disk.family() if d.contents]
    if disk.table:
        found.insert(0, f"{disk.path} has a partition table ({disk.table})")
    return found
