"""`verify --boot`: does the clone's disk come up?"""

import os
from dataclasses import dataclass
from typing import Any

from drdwrap import exit_status
from drdwrap.boot.grub_directories import MENUS
from drdwrap.boot.root_files import RootFiles
from drdwrap.clone_disk.existing_disk import CloneDisk
from drdwrap.clone_disk.source import UEFI, Source
from drdwrap.config.model import Config
from drdwrap.errors import RefusedError
from drdwrap.linux import block_devices, clock, directories, process, run_note
from drdwrap.linux.links_in_root import Resolver
from drdwrap.linux.mountinfo import is_mount_point, mount_of, mounts
from drdwrap.linux.real_path import real_path
from drdwrap.log import Log
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import number_of
from drdwrap.patching.clone import MountedClone, mounted_clone
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.record import results
from drdwrap.record.state_directory import StateDirectory
from drdwrap.verify.boot import machine, menu
from drdwrap.verify.boot.console import Boot
from drdwrap.verify.boot.machine import Disk
from drdwrap.verify.boot.place_on_disk import pieces

TITLE = "Boot Test of Clone"
_NAME = "verify-boot"


@dataclass(frozen=True)
class BootVerdict:
    """How the boot went, and where its console is kept."""

    boot: Boot
    console: bytes
    exit_status: int

    def as_json(self) -> dict[str, Any]:
        """For `--json`."""
        return {
            "verdict": self.boot.verdict,
            "found": self.boot.found,
            "failed": list(self.boot.failed),
            "for_want_of_network": list(self.boot.for_want_of_network),
            "console": for_screen(self.console),
            "exit_status": self.exit_status,
        }


def boot(config: Config, state: StateDirectory, log: Log, deadline: float) -> BootVerdict:
    """Start the clone's disk in a virtual machine and wait until it is up, at most `deadline`
    seconds. The lock is held, and the clone is not mounted meanwhile. DrdwrapError, OSError."""
    if config.layout != "lvm":
        raise RefusedError(
            "'verify --boot' starts the clone's disk, and with 'layout: directories' drdwrap does"
            " not know it",
            "start it in a virtual machine by hand",
        )
    if is_mount_point(real_path(config.clone.root), mounts()):
        raise RefusedError("the clone is mounted", "unmount it first: 'drdwrap umount'")
    for program in (f"qemu-system-{os.uname().machine}", "qemu-img", "qemu-io"):
        process.find_program(program)
    started = clock.now()
    run_note.note("preparing the boot test")
    with mounted_clone(config, state, log) as clone:
        disk = _disk(config, clone)
    process.run("blockdev", ["--flushbufs", disk.path])
    directories.make(state.boot_test)
    log.item(f"Starting {for_screen(disk.path)} in a virtual machine.")
    found = machine.start(disk, state.boot_test, deadline)
    unexplained = [name for name in found.failed if name not in found.for_want_of_network]
    status = exit_status.of_boot(found.verdict, bool(unexplained))
    warnings = [] if found.verdict == "up" else [found.found]
    warnings += [f"it came up without: {name}" for name in unexplained]
    for warning in warnings:
        log.warning(warning)
    results.keep(state.results, _NAME, started, status, warnings)
    return BootVerdict(found, os.path.join(state.boot_test, b"console"), status)


def _disk(config: Config, clone: MountedClone) -> Disk:
    """The clone's disk, with a menu that makes the kernel write to the serial console."""
    groups = volume_groups.found_now(config)
    devices = block_devices.devices()
    source = Source.of_booted(groups, devices)
    assert groups.clone is not None
    found = CloneDisk.apart(groups.clone, source, devices)
    if found is None:
        raise RefusedError(
            "the clone has no disk of its own",
            "make it on one with 'drdwrap clone --disk DEVICE'",
        )
    files, resolver = RootFiles(clone.root), Resolver(clone.root)
    path = next((resolver.directory(name) for name in MENUS if files.has(name)), None)
    changed = menu.with_console(files.text(path)) if path else None
    if path is None or changed is None:
        raise RefusedError(
            "the clone's boot menu (grub.cfg) names no kernel that could be told to write to a"
            " serial console",
            "start the clone's disk in a virtual machine by hand; see 'drdwrap runcmd -- true'",
        )
    whole = absolute(clone.root, path)
    number = number_of(mount_of(whole, mounts()))
    return Disk(
        os.fsencode(found.disk.path),
        os.path.basename(os.path.realpath(found.disk.path)),
        source.firmware == UEFI,
        pieces(whole, number),
        changed,
    )
