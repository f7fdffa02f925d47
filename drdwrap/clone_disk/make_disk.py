"""Make the clone's disk: erase it, then make partitions, LUKS, LVM and file systems."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from drdwrap.clone_disk.disk_plan import MIB, STATE_NAME, DiskPlan, Partition
from drdwrap.clone_disk.make_file_system import make_file_system
from drdwrap.clone_disk.source import Source
from drdwrap.errors import DrdwrapError, ProgramError, RefusedError
from drdwrap.linux import block_devices, lvm, process
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

Say = Callable[[str], None]

_PATIENCE = 30.0
"""Seconds to wait for a new partition's device."""


def release_disk(disk: BlockDevice, old: VolumeGroup | None, say: Say) -> None:
    """Release what uses the disk: deactivate the `old` clone's group, close its container.

    Nothing is written. Finally the disk is opened exclusively, which fails if anything on the
    machine, in any mount namespace, uses a part of it: RefusedError. DrdwrapError.
    """
    if old is not None:
        say(f"Deactivating the old volume group {old.name}.")
        lvm.run("vgchange", "--activate", "n", old.name)
    for device in disk.family():
        if device.kind == "crypt":
            close_container(os.path.basename(device.path))
    try:
        os.close(os.open(disk.path, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
    except OSError as error:
        raise RefusedError(
            f"{disk.path} is in use: {error.strerror}",
            "it may be mounted in another mount namespace (of a container, say), or be part of an"
            " array",
        ) from error


def make_disk(
    disk: BlockDevice, disk_plan: DiskPlan, source: Source, key_file: str | None, say: Say
) -> None:
    """Make everything in the plan on the disk, which nothing uses. DrdwrapError."""
    old = [device.path for device in disk.children if device.kind == "part"]
    process.run("wipefs", ["--all", "--quiet", *old, disk.path])
    say(f"Partitioning {disk.path}.")
    parts = _partition(disk, disk_plan)
    for partition, path in zip(disk_plan.partitions, parts, strict=True):
        system = partition.system
        if system is not None:
            point = absolute(b"/", system.mount_point)
            booted = os.fsencode(system.device.path)
            make_file_system(system.type, path, booted, point, system.device.label)
        elif partition.name == STATE_NAME:
            process.run("mke2fs", ["-q", "-F", "-t", "ext2", path])
    if not disk_plan.encrypted:
        _make_group(parts[-1], disk_plan, source, say)
        return
    assert key_file is not None
    say(f"Making a LUKS container on {parts[-1]}.")
    with _encrypted(parts[-1], key_file, for_grub=not source.boot) as physical:
        _make_group(physical, disk_plan, source, say)


def _make_group(physical: str, disk_plan: DiskPlan, source: Source, say: Say) -> None:
    """Make the volume group, its LVs, and their file systems and swap."""
    group = disk_plan.group
    say(f"Making the volume group {group}.")
    lvm.run("pvcreate", "--quiet", "--yes", physical)
    extent = f"{disk_plan.extent_size}b"
    lvm.run("vgcreate", "--quiet", "--physicalextentsize", extent, group, physical)
    labels = {device.number: device.label for device in _all_devices()}
    types = {one.lv.uuid: one for one in source.root.file_systems}
    for lv in disk_plan.lvs:
        size = ["--size", f"{lv.size}b", "--name", lv.name]
        lvm.run("lvcreate", "--quiet", "--yes", "--wipesignatures", "y", *size, group)
        device = f"/dev/{group}/{lv.name}"
        if lv.mount_point is None:
            process.run("mkswap", [device])
            continue
        system_ = types[lv.booted.uuid]
        say(f"Making the file system of /{for_screen(lv.mount_point)} ({system_.type}).")
        number = block_devices.number_of(system_.source)
        point = absolute(b"/", lv.mount_point)
        make_file_system(system_.type, device, system_.source, point, labels.get(number, ""))


def _all_devices() -> list[BlockDevice]:
    return [device for root in block_devices.devices().roots for device in root.family()]


def partition_script(partitions: tuple[Partition, ...], uuids: list[str]) -> bytes:
    """The partition table for sfdisk(8)."""
    lines = ["label: gpt"]
    for partition, uuid in zip(partitions, uuids, strict=True):
        size = f"size={partition.size // MIB}MiB, " if partition.size else ""
        lines.append(f'{size}type={partition.type}, name="{partition.name}", uuid={uuid}')
    return "\n".join(lines).encode() + b"\n"


def _partition(disk: BlockDevice, disk_plan: DiskPlan) -> list[str]:
    """Partition the disk, and return the partitions' devices in the plan's order."""
    uuids = [str(uuid4()) for _ in disk_plan.partitions]
    script = partition_script(disk_plan.partitions, uuids)
    options = ["--quiet", "--wipe", "always", "--wipe-partitions", "always"]
    process.run("sfdisk", [*options, disk.path], stdin=script)
    until = time.monotonic() + _PATIENCE
    while True:
        found = {d.partuuid.lower(): d.path for d in _all_devices() if d.partuuid}
        if all(uuid in found for uuid in uuids):
            return [found[uuid] for uuid in uuids]
        if time.monotonic() > until:
            raise DrdwrapError(f"the partitions of {disk.path} do not appear", "is udev running?")
        time.sleep(0.2)


@contextmanager
def _encrypted(partition: str, key_file: str, *, for_grub: bool) -> Iterator[str]:
    """Make a LUKS container on `partition`, open it with the key, and yield its device.

    It stays open, unless the body of the context fails. `for_grub`: /boot is inside it, so GRUB,
    which does not support Argon2, has to open it.
    """
    key = ["--batch-mode", "--key-file", key_file]
    function = ["--pbkdf", "pbkdf2"] if for_grub else []
    process.run("cryptsetup", [*key, "luksFormat", "--type", "luks2", *function, partition])
    uuid = process.run("cryptsetup", ["luksUUID", partition]).stdout.decode().strip()
    name = f"luks-{uuid}"
    process.run("cryptsetup", [*key, "open", partition, name])
    try:
        yield f"/dev/mapper/{name}"
    except BaseException:
        with suppress(ProgramError):  # then the next attempt reports what is open
            close_container(name)
        raise


def close_container(name: str) -> None:
    """Deactivate what is in a LUKS container, and close it. ProgramError."""
    groups = [one.name for one in lvm.groups() if f"/dev/mapper/{name}" in _devices_of(one)]
    for group in groups:
        lvm.run("vgchange", "--activate", "n", group)
    process.run("cryptsetup", ["close", name])


def _devices_of(group: VolumeGroup) -> list[str]:
    return [physical.device for physical in group.physical]
