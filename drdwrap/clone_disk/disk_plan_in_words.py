"""The plan of the clone's disk in words, one line for each part."""

from drdwrap.clone_disk.disk_plan import BIOS_BOOT, STATE_NAME, DiskPlan, Partition
from drdwrap.clone_disk.source import Source
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.paths.escaping import for_screen


def disk_plan_in_words(
    disk: BlockDevice, name: str, disk_plan: DiskPlan, source: Source
) -> list[str]:
    """What will be on the disk, and what of the booted system will not. `name` is the disk's path
    as the user gave it."""
    types = {one.lv.uuid: one.type for one in source.root.file_systems}
    lines = [f"{name} ({disk.path}, {_size(disk.size)}) gets:"]
    for number, partition in enumerate(disk_plan.partitions, 1):
        size = _size(partition.size) if partition.size else "the rest"
        lines.append(f"  partition {number}, {size}: {_purpose(partition, disk_plan)}")
    for lv in disk_plan.lvs:
        what = "swap"
        if lv.mount_point is not None:
            what = f"/{for_screen(lv.mount_point)} ({types[lv.booted.uuid]})"
        lines.append(f"  {disk_plan.group}/{lv.name}, {_size(lv.size)}: {what}")
    lines += [
        f"  not on the clone: {source.root.group.name}/{one.lv.name} ({one.why})"
        for one in source.left_out
    ]
    return lines


def _purpose(partition: Partition, disk_plan: DiskPlan) -> str:
    if partition.type == BIOS_BOOT:
        return "GRUB's core image, for BIOS"
    if partition.name == STATE_NAME:
        return "which image is started ('drdwrap activate')"
    if partition.system is not None:
        return f"/{for_screen(partition.system.mount_point)} ({partition.system.type})"
    inside = "a LUKS container with " if disk_plan.encrypted else ""
    return f"{inside}volume group {disk_plan.group}"


def _size(size: int) -> str:
    return f"{size / 1e9:.2f} GB" if size >= 1e9 else f"{size / 1e6:.0f} MB"
