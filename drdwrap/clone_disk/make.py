"""Make the clone's disk: all that is on it goes, partitions, LVM and file systems come."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from uuid import uuid4

from drdwrap.clone_disk import file_system
from drdwrap.clone_disk.disk_plan import MIB, DiskPlan, Partition
from drdwrap.clone_disk.source import Source
from drdwrap.errors import DrdwrapError, ProgramError, RefusedError
from drdwrap.linux import block_devices, lvm, process
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.linux.lvm import VolumeGroup
from drdwrap.paths.arithmetic import absolute

Say = Callable[[str], None]

_PATIENCE = 30.0
"""Seconds until a device that was made has to be there."""


def release(disk: BlockDevice, old: VolumeGroup | None, say: Say) -> None:
    """Have nothing use the disk any more: deactivate the `old` clone's group, close its container.

    DrdwrapError, RefusedError: nothing is written. At the end the disk is opened for this program
    alone, which fails when anything on the machine, in whatever mount namespace, uses any of it.
    """
    if old is not None:
        say(f"Deactivating the old volume group {old.name}.")
        lvm.run("vgchange", "--activate", "n", old.name)
    for device in disk.family():
        if device.kind == "crypt":
            close(os.path.basename(device.path))
    try:
        os.close(os.open(disk.path, os.O_RDONLY | os.O_EXCL | os.O_CLOEXEC))
    except OSError as error:
        raise RefusedError(
            f"{disk.path} is in use: {error.strerror}",
            "it may be mounted in another namespace (a container's), or be part of an array",
        ) from error


def make(disk: BlockDevice, plan: DiskPlan, source: Source, key_file: str | None, say: Say) -> None:
    """Make all that is planned on the disk, which nothing uses. DrdwrapError."""
    old = [device.path for device in disk.children if device.kind == "part"]
    process.run("wipefs", ["--all", "--quiet", *old, disk.path])
    say(f"Partitioning {disk.path}.")
    parts = _partition(disk, plan)
    for partition, path in zip(plan.partitions, parts, strict=True):
        system = partition.system
        if system is not None:
            point = absolute(b"/", system.mount_point)
            booted = os.fsencode(system.device.path)
            file_system.make(system.type, path, booted, point, system.device.label)
    if not plan.encrypted:
        _make_group(parts[-1], plan, source, say)
        return
    assert key_file is not None
    say(f"Making a LUKS container on {parts[-1]}.")
    with _encrypted(parts[-1], key_file, for_grub=not source.boot) as physical:
        _make_group(physical, plan, source, say)


def _make_group(physical: str, plan: DiskPlan, source: Source, say: Say) -> None:
    """The volume group, its volumes, and what is on them."""
    say(f"Making the volume group {plan.group}.")
    lvm.run("pvcreate", "--quiet", "--yes", physical)
    lvm.run(
        "vgcreate", "--quiet", "--physicalextentsize", f"{plan.extent_size}b", plan.group, physical
    )
    labels = {device.number: device.label for device in _all_devices()}
    types = {one.volume.uuid: one for one in source.root.file_systems}
    for volume in plan.volumes:
        size = ["--size", f"{volume.size}b", "--name", volume.name]
        lvm.run("lvcreate", "--quiet", "--yes", "--wipesignatures", "y", *size, plan.group)
        device = f"/dev/{plan.group}/{volume.name}"
        if volume.mount_point is None:
            process.run("mkswap", [device])
            continue
        system_ = types[volume.booted.uuid]
        say(f"Making the file system of /{os.fsdecode(volume.mount_point)} ({system_.type}).")
        number = block_devices.number_of(system_.source)
        point = absolute(b"/", volume.mount_point)
        file_system.make(system_.type, device, system_.source, point, labels.get(number, ""))


def _all_devices() -> list[BlockDevice]:
    return [device for root in block_devices.devices().roots for device in root.family()]


def partition_script(partitions: tuple[Partition, ...], uuids: list[str]) -> bytes:
    """The partition table for sfdisk(8)."""
    lines = ["label: gpt"]
    for partition, uuid in zip(partitions, uuids, strict=True):
        size = f"size={partition.size // MIB}MiB, " if partition.size else ""
        lines.append(f'{size}type={partition.type}, name="{partition.name}", uuid={uuid}')
    return "\n".join(lines).encode() + b"\n"


def _partition(disk: BlockDevice, plan: DiskPlan) -> list[str]:
    """The partitions' devices, in the plan's order."""
    uuids = [str(uuid4()) for _ in plan.partitions]
    script = partition_script(plan.partitions, uuids)
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
    """A LUKS container on `partition`, opened by this key: what can be written to. It stays open,
    unless what is done in the context fails.

    `for_grub`: GRUB, which knows no Argon2, has to open it, since /boot is in it.
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
        with suppress(ProgramError):  # then the next attempt says what is open
            close(name)
        raise


def close(name: str) -> None:
    """Close a container: deactivate what is in it first. ProgramError."""
    groups = [one.name for one in lvm.groups() if f"/dev/mapper/{name}" in _devices_of(one)]
    for group in groups:
        lvm.run("vgchange", "--activate", "n", group)
    process.run("cryptsetup", ["close", name])


def _devices_of(group: VolumeGroup) -> list[str]:
    return [physical.device for physical in group.physical]
