"""Finish a filled clone so that it boots by itself: its boot partitions, what names disks, the
initramfs and the boot loader."""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass

from drdwrap.boot.families.commands import BootLoader
from drdwrap.boot.families.detect import detect
from drdwrap.boot.families.root import Root
from drdwrap.boot.leftovers import left
from drdwrap.boot.mend import mend
from drdwrap.clone_disk import counterparts, target
from drdwrap.clone_disk.counterparts import CloneDisk
from drdwrap.clone_disk.preconditions import describe, firmware
from drdwrap.clone_disk.source import UEFI, BootFileSystem, Source
from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.inventory import storage
from drdwrap.inventory.entry import Entry, nanoseconds, notation
from drdwrap.inventory.scan import scan
from drdwrap.linux import block_devices, lvm, process, syscalls
from drdwrap.log import Log
from drdwrap.pair import mounting
from drdwrap.pair.volume_groups import BOOTED_ROOT
from drdwrap.paths.arithmetic import absolute, is_below
from drdwrap.paths.escaping import for_screen
from drdwrap.rsync import command
from drdwrap.sync.begin import Run
from drdwrap.trim import locations

_TICK = 0.03
"""Seconds: longer than a tick of the kernel's clock, by which change times go."""

_ENVIRONMENT = {"LVM_SUPPRESS_FD_WARNINGS": "1", "DEBIAN_FRONTEND": "noninteractive"}


@dataclass(frozen=True)
class Finishing:
    """What a clone is finished by: what it was made of, and the name of its volume group."""

    source: Source
    group: str

    def finish(self, run: Run) -> Sequence[bytes]:
        """Do it all to the clone, which is filled and mounted so that programs run in it.

        Returns the paths (relative) that were mended, or written by what makes it boot.
        DrdwrapError when a step fails, or anything on the clone still names the booted disks.
        """
        root = run.pair.clone_root
        group = next(one for one in lvm.groups() if one.name == self.group)
        tree = block_devices.devices()
        disk = CloneDisk.of(group, tree)
        if disk is None:
            raise DrdwrapError(f"{self.group} is not on one disk", "make the clone anew")
        booted = counterparts.found(self.source, group, disk, tree)
        references = counterparts.references(self.source, self.group, booted, group.uuid)
        systems = disk.boot_file_systems(self.source)
        for system in systems:
            mounting.mount([system], root, mounting.FOR_PROGRAMS, make_directories=True)
        for source in self.source.boot:
            self._copy_boot(run, source)
        run.log.item("Mending what names disks and volume groups.")
        mended = mend(root, references)
        for path in mended:
            run.log.item(f"Mended /{for_screen(path)}.", level=4)
        time.sleep(_TICK)
        before = notation(time.time_ns())
        time.sleep(_TICK)
        self._boot_loader(run, disk)
        wrong = left(root, references)
        if wrong:
            raise DrdwrapError(
                "the clone still names the booted disks: "
                + "; ".join(describe(one) for one in wrong[:5]),
                "correct these on the booted system, and run 'drdwrap clone --overwrite'",
            )
        for system in systems:
            syscalls.syncfs(absolute(root, system.mount_point))
        return [*mended, *_changed_since(run, before)]

    def _copy_boot(self, run: Run, source: BootFileSystem) -> None:
        """Copy what lies outside the volume group: rsync's own recursion, into this one alone."""
        point = source.mount_point
        run.log.item(f"Copying /{for_screen(point)}.")
        nested = [
            other.mount_point[len(point) :]
            for other in self.source.boot
            if other.mount_point != point and is_below(other.mount_point, point)
        ]
        here, there = absolute(BOOTED_ROOT, point), absolute(run.pair.clone_root, point)
        arguments = command.boot(nested, with_owners=source.type != "vfat")
        process.run("rsync", [*arguments, here + b"/", there + b"/"])

    def _boot_loader(self, run: Run, disk: CloneDisk) -> None:
        """Run what makes it boot, in a chroot there."""
        root = run.pair.clone_root
        device = disk.esp if self.source.firmware == UEFI and disk.esp else disk.disk
        name = next(iter(target.stable_names(device)), device.path)
        booting = firmware(self.source, os.fsencode(name))
        make_bootable(root, detect(root, booting, os.uname().machine), run.log)


def make_bootable(root: bytes, loader: BootLoader, log: Log) -> None:
    """Run a boot loader's commands in a chroot of the clone, one after another. ProgramError.

    os-prober is out of reach for that time, whatever /etc/default/grub says: in the chroot the
    booted file systems do not look mounted, and it would probe them.
    """
    mounting.mount_kernel(root)
    with mounting.hidden(Root(root).programs(b"os-prober")):
        for command_ in loader.commands:
            said = for_screen(b" ".join(command_))
            log.item(f"Running {said}.")
            try:
                process.run("chroot", [root, *command_], environment=_ENVIRONMENT)
            except ProgramError as error:
                raise ProgramError(f"in the clone, '{said}': {error.message}") from error


def _changed_since(run: Run, before: bytes) -> list[bytes]:
    """What the boot loader's programs have written, besides places that are never synchronized:
    debconf's note of what GRUB's upgrades go to, for one."""
    (clone,) = scan([run.trees.clone], [*run.excluded, *run.locations.transient])
    # Without what an earlier clone's making left: its record goes, and this list is the next one's.
    places = locations.in_force(run.config, run.pair.booted_root, run.swap_files, ())
    entries = (Entry.parse(line) for line in storage.lines(clone.storage))
    return [
        entry.path
        for entry in entries
        if not entry.is_directory
        and nanoseconds(entry.ctime) > nanoseconds(before)
        and not places.cover(entry.path)
    ]
