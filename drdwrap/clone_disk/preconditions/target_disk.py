"""Whether a disk may become the clone's."""

from collections.abc import Collection, Container, Iterable, Sequence

from drdwrap.checks import Check
from drdwrap.clone_disk.disk_plan import DiskPlan
from drdwrap.clone_disk.source import Source
from drdwrap.clone_disk.stable_names import stable_names
from drdwrap.linux.block_devices import BlockDevice, Devices, number_of
from drdwrap.linux.lvm import VolumeGroup

_WHOLE = "disk"


def disk_at(path: str, devices: Devices) -> tuple[BlockDevice | None, list[Check]]:
    """The disk that `path` names, None if it is not a disk; and whether `path` will still name it
    after the next boot."""
    number = number_of(path)
    disk = devices.at(number) if number else None
    checks = [
        Check(
            "the clone's disk is a whole disk",
            disk is not None and disk.kind == _WHOLE,
            (f"{path} is of type {disk.kind}" if disk else f"{path} is not a block device"),
            "name a disk by its path in /dev/disk/by-id (multipath devices are not supported)",
        )
    ]
    if disk is None or disk.kind != _WHOLE:
        return None, checks
    names = stable_names(disk)
    stable = path in names or not names
    checks.append(
        Check(
            "the clone's disk is named by a stable path",
            stable,
            path if stable else f"{path} may be another disk after the next boot",
            f"name it {names[0]}" if names else "",
        )
    )
    return disk, checks


def disk_checks(
    disk: BlockDevice,
    source: Source,
    disk_plan: DiskPlan,
    groups: Sequence[VolumeGroup],
    block_sizes: Collection[int],
    signatures: Sequence[str],
    *,
    overwrite: bool,
) -> list[Check]:
    """All checks of the disk, except those that only an attempt to use it can make.

    `block_sizes` are those of the booted file systems in bytes, which the clone's will have too;
    `signatures` are what is on the disk besides what lsblk reports, in words.
    """
    on_it = {device.number for device in disk.family()}
    old = [g for g in groups if g.name == disk_plan.group]
    ours = [g for g in old if _lies_on(g, on_it)]
    own = {v.number for g in ours for v in g.lvs if v.is_active}
    own |= {number_of(one.device) for g in ours for one in g.physical}
    system = (*source.disks, *source.named)
    booted = [one.path for one in system if one.number == disk.number]
    needed, size = (f"{size / 1e6:.0f} MB" for size in (disk_plan.needed, disk.size))
    used = list(_uses(disk, own if overwrite else set()))
    others = [g.name for g in groups if g not in ours and _lies_partly_on(g, on_it)]
    present = ", ".join((_present(disk) or signatures)[:4])
    return [
        Check(
            "the clone's disk holds no part of the booted system",
            not booted,
            f"{disk.path} holds {source.root.group.name} or what it boots from" if booted else "",
            "use another disk",
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
            "take it out of the group ('vgreduce'), or remove the group ('vgremove')",
        ),
        Check(
            "the clone's disk can be written",
            not disk.read_only,
            disk.path,
            "remove its write protection",
        ),
        Check(
            "the clone's disk is empty",
            overwrite or not present,
            present,
            "if everything on it may be lost, use --overwrite",
        ),
        Check(
            "the clone's disk is large enough",
            disk_plan.fits(disk),
            f"{needed} are needed, and {disk.path} has {size}",
            "use a larger disk, or make LVs smaller with --size NAME=SIZE",
        ),
        Check(
            "the disk's sectors are not larger than the booted file systems' blocks",
            all(size >= disk.sector for size in block_sizes),
            f"sectors of {disk.sector} bytes, blocks of {min(block_sizes, default=0)}",
            "use a disk with smaller sectors",
        ),
        Check(
            f"the name {disk_plan.group} is free",
            len(old) == len(ours) and (not ours or overwrite),
            f"there is a volume group {disk_plan.group}" + ("" if ours else " on another disk"),
            "if it is the old clone on this disk, use --overwrite; otherwise set clone.volume_group"
            " to another name, or rename the group ('vgrename')",
        ),
    ]


def _lies_on(group: VolumeGroup, numbers: Container[str]) -> bool:
    """Whether all of a volume group is on devices of these numbers."""
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
                else (f"{device.path} is in use as swap")
            )
        is_own = device.number in own or any(one.number in own for one in device.family())
        if device.kind not in ("disk", "part") and not is_own:
            yield f"{device.path} ({device.kind}) is open"


def _present(disk: BlockDevice) -> list[str]:
    """What lsblk reports on the disk, in words."""
    found = [f"{d.path} has {d.contents}" for d in disk.family() if d.contents]
    if disk.table:
        found.insert(0, f"{disk.path} has a partition table ({disk.table})")
    return found
