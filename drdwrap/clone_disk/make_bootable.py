"""Finish a filled clone so that it boots by itself: copy the boot partitions, mend the references
to disks, build the initramfs and install GRUB."""

import os
import time
from collections.abc import Sequence

from drdwrap.boot.grub_and_initramfs.families import boot_commands
from drdwrap.boot.grub_and_initramfs.run_in_clone import run_in_clone
from drdwrap.boot.leftovers import leftovers
from drdwrap.boot.mend import mend
from drdwrap.boot.references.in_text import References
from drdwrap.boot.selection.forget import forget
from drdwrap.clone_disk.counterparts import existing_counterparts, references_to_booted
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import UEFI, BootFileSystem, Source, clone_firmware
from drdwrap.clone_disk.stable_names import stable_names
from drdwrap.errors import DrdwrapError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, nanoseconds, notation
from drdwrap.inventory.scan import scan
from drdwrap.linux import block_devices, clock, lvm, process, syscalls
from drdwrap.pair import mounting
from drdwrap.pair.volume_groups import BOOTED_ROOT
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync import command
from drdwrap.sync.begin import Run
from drdwrap.trim import locations


def finish_clone(run: Run, source: Source, group_name: str) -> Sequence[bytes]:
    """Finish the clone, which is filled and mounted so that programs run in it.

    `group_name` is that of its volume group. Returns the paths (relative) that were mended, or
    written by the boot commands. DrdwrapError when a step fails, or if the clone still names the
    booted disks at the end.
    """
    root = run.pair.clone_root
    group = next(one for one in lvm.groups() if one.name == group_name)
    devices = block_devices.devices()
    clone = CloneDisk.of(group, devices)
    if clone is None:
        raise DrdwrapError(
            f"{group_name} is not on exactly one disk",
            "make the clone again with 'drdwrap clone --disk DEVICE'",
        )
    counterparts = existing_counterparts(source, group, clone, devices)
    references = references_to_booted(source, group_name, counterparts, group.uuid)
    boot_partitions = clone.boot_file_systems(source)
    for system in boot_partitions:
        mounting.mount([system], root, mounting.FOR_PROGRAMS, make_directories=True)
    for booted in source.boot:
        _copy_boot_file_system(run, booted, source)
    forget(root)
    mended = _mend(run, references)
    clock.wait()
    before = notation(time.time_ns())
    clock.wait()
    _make_bootable(run, source, clone)
    _refuse_leftovers(root, references)
    for system in boot_partitions:
        syscalls.syncfs(absolute(root, system.mount_point))
    return [*mended, *_changed_since(run, before)]


def _copy_boot_file_system(run: Run, booted: BootFileSystem, source: Source) -> None:
    """Copy a file system outside the volume group: all of it, and none mounted below it."""
    point = booted.mount_point
    run.log.item(f"Copying /{for_screen(point)}.")
    nested = [
        other.mount_point[len(point) :]
        for other in source.boot
        if other.mount_point != point and is_below(other.mount_point, point)
    ]
    here, there = absolute(BOOTED_ROOT, point), absolute(run.pair.clone_root, point)
    arguments = command.boot(nested, with_owners=booted.type != "vfat")
    process.run("rsync", [*arguments, here + b"/", there + b"/"])


def _mend(run: Run, references: References) -> list[bytes]:
    """The paths (relative) that were changed."""
    run.log.item("Mending references to disks and volume groups.")
    mended = mend(run.pair.clone_root, references)
    for path in mended:
        run.log.item(f"Mended /{for_screen(path)}.", level=4)
    return mended


def _make_bootable(run: Run, source: Source, clone: CloneDisk) -> None:
    """Build the initramfs and install GRUB."""
    root = run.pair.clone_root
    device = clone.esp if source.firmware == UEFI and clone.esp else clone.disk
    name = next(iter(stable_names(device)), device.path)
    firmware = clone_firmware(source, os.fsencode(name))
    run_in_clone(root, boot_commands(root, firmware, os.uname().machine), run.log)


def _refuse_leftovers(root: bytes, references: References) -> None:
    """DrdwrapError if the clone still names the booted disks."""
    left = leftovers(root, references)
    if left:
        raise DrdwrapError(
            "the clone still names the booted disks: " + "; ".join(map(str, left[:5])),
            "correct these on the booted system, and run 'drdwrap clone --overwrite'",
        )


def _changed_since(run: Run, before: bytes) -> list[bytes]:
    """The paths that the boot commands have written, except those in places that are never synced:
    debconf's list of the devices for GRUB's upgrades, for example."""
    (clone,) = scan([run.trees.clone], [*run.excluded, *run.locations.transient])
    # Without what the last clone's making wrote: its record is replaced, and this list is for the
    # new one.
    places = locations.in_force(run.config, run.pair.booted_root, run.swap_files, ())
    entries = (Entry.parse(line) for line in storage.lines(clone.storage))
    return [
        entry.path
        for entry in entries
        if not entry.is_directory
        and nanoseconds(entry.ctime) > nanoseconds(before)
        and not places.cover(entry.path)
    ]
