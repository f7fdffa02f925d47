"""`clone`: make the clone's disk if one is named, fill the clone, and make it boot by itself."""

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from drdwrap.boot.selection.forget import forget
from drdwrap.checks import Check, refuse_unless
from drdwrap.clone_disk.booted_tree import booted_tree
from drdwrap.clone_disk.disk_plan import DiskPlan
from drdwrap.clone_disk.disk_plan_in_words import disk_plan_in_words
from drdwrap.clone_disk.make_bootable import finish_clone
from drdwrap.clone_disk.make_disk import make_disk, release_disk
from drdwrap.clone_disk.preconditions.encryption import encryption_checks
from drdwrap.clone_disk.preconditions.filling import filling_checks
from drdwrap.clone_disk.preconditions.making import making_checks
from drdwrap.clone_disk.preconditions.target_disk import disk_at, disk_checks
from drdwrap.clone_disk.source import Source, block_sizes
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RefusedError, in_words
from drdwrap.linux import block_devices, durable, run_note
from drdwrap.linux.block_devices import BlockDevice, Devices
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.linux.mountinfo import is_mount_point
from drdwrap.log import Log
from drdwrap.pair import mounting, volume_groups
from drdwrap.pair.lvm import active
from drdwrap.pair.volume_groups import VolumeGroups
from drdwrap.paths.escaping import for_screen
from drdwrap.record.state_directory import StateDirectory
from drdwrap.rsync.output import Progress
from drdwrap.sync import roles
from drdwrap.sync.fill import FillRequest, fill
from drdwrap.sync.result import RunResult


@dataclass(frozen=True)
class CloneRequest:
    """The options of the command.

    `disk` is the device to make the clone on, None to fill the existing clone again; `sizes` are in
    bytes, by LV. `key_file` has the key of an encrypted clone; `unencrypted` allows an unencrypted
    clone of an encrypted source, or of encrypted directories.
    """

    disk: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    key_file: str | None = None
    unencrypted: bool = False
    overwrite: bool = False
    preview: bool = False
    tell: Callable[[Progress], None] | None = None


def clone(config: Config, state: StateDirectory, log: Log, request: CloneRequest) -> RunResult:
    """Make, fill and finish the clone. The lock is held. Errors: DrdwrapError, Interrupted.

    Nothing is written before everything has been checked that can be. An error after that leaves
    the booted system as it was, and says how to start again.
    """
    if config.layout == "directories":
        if request.disk is not None:
            raise RefusedError("--disk is for 'layout: lvm'", "leave --disk out, or correct layout")
        filling = FillRequest(request.preview, request.overwrite, request.unencrypted, request.tell)
        return fill(config, state, log, filling)
    if config.clone.is_booted:  # what is now the other image is the original
        roles.refuse_without_looking(config, state)
    found = volume_groups.found_now(config)
    refuse_unless(volume_groups.booted_checks(found))
    devices = block_devices.devices()
    source = Source.of_booted(found, devices)
    cloning = _Cloning(config, state, log, request, source)
    if request.disk is not None:
        return cloning.on_new_disk(request.disk, found, devices)
    return cloning.on_existing_disk(found)


@dataclass(frozen=True)
class _Cloning:
    """One clone of the root volume group."""

    config: Config
    state: StateDirectory
    log: Log
    request: CloneRequest
    source: Source

    def on_existing_disk(self, found: VolumeGroups) -> RunResult:
        """Fill the existing clone again."""
        finished = self.state.finished_making()
        refuse_unless([finished, volume_groups.clone_check(found), _nothing_mounted(found)])
        with active(_clone_lvs(found, self.source)):
            refuse_unless(self._filling_checks())
            return self._fill_and_finish()

    def on_new_disk(self, path: str, found: VolumeGroups, devices: Devices) -> RunResult:
        """Make the clone's disk, and fill it."""
        encrypted = self.request.key_file is not None
        disk_plan = DiskPlan.of(
            self.source, found.clone_name, self.request.sizes, encrypted=encrypted
        )
        disk, checks = disk_at(path, devices)
        checks += self._making_checks(disk, disk_plan, found, devices)
        lines = disk_plan_in_words(disk, path, disk_plan, self.source) if disk else []
        if self.request.preview:
            return _preview(found, checks, lines)
        refuse_unless(checks)
        assert disk is not None
        for line in lines:
            self.log.item(line)
        release_disk(disk, found.clone, self.log.item)
        self._make_disk(path, disk, disk_plan)
        return self._fill_and_finish()

    def _filling_checks(self) -> list[Check]:
        """The checks of the clone as it is now, with its LVs active."""
        found, devices = volume_groups.found_now(self.config), block_devices.devices()
        with booted_tree(self.config, self.source, self.state.trees) as booted:
            return filling_checks(
                found, self.source, devices, booted, unencrypted=self.request.unencrypted
            )

    def _making_checks(
        self, disk: BlockDevice | None, disk_plan: DiskPlan, found: VolumeGroups, devices: Devices
    ) -> list[Check]:
        request, source = self.request, self.source
        checks = []
        if disk is not None:
            checks += disk_checks(
                disk,
                source,
                disk_plan,
                found.groups,
                block_sizes(source),
                block_devices.signatures(disk),
                overwrite=request.overwrite,
            )
        checks += encryption_checks(
            source, encrypted=disk_plan.encrypted, unencrypted=request.unencrypted
        )
        with booted_tree(self.config, source, self.state.trees) as booted:
            checks += making_checks(
                source, devices, disk_plan.group, request.sizes, request.key_file, booted
            )
        return [*checks, _nothing_mounted(found)]

    def _make_disk(self, path: str, disk: BlockDevice, disk_plan: DiskPlan) -> None:
        """Make the disk. As long as it may be half made, a note in the state directory says so."""
        run_note.note("making the clone's disk")
        try:
            durable.write(self.state.cloning, [os.fsencode(path)])
            durable.remove(self.state.activation)  # it is about the clone that is replaced
            forget(volume_groups.BOOTED_ROOT)
            make_disk(disk, disk_plan, self.source, self.request.key_file, self.log.item)
            durable.remove(self.state.cloning)
        except (DrdwrapError, OSError) as error:
            message = error.message if isinstance(error, DrdwrapError) else in_words(error)
            raise DrdwrapError(
                f"the clone's disk could not be made: {message}",
                "the booted system is unchanged; start again with"
                f" 'drdwrap clone --disk {path} --overwrite'",
            ) from error

    def _fill_and_finish(self) -> RunResult:
        """Fill and finish the clone, which is not mounted, as it is now that its disk is made."""
        found, request = volume_groups.found_now(self.config), self.request
        with (
            active(found.clone_lvs()),
            mounting.mounted_privately(
                found.file_systems(),
                found.clone_root,
                mounting.FOR_PROGRAMS,
                make_directories=not request.preview,
            ),
        ):
            filling = FillRequest(
                request.preview,
                request.overwrite,
                request.unencrypted,
                request.tell,
                finish=lambda run: finish_clone(run, self.source, found.clone_name),
            )
            return fill(self.config, self.state, self.log, filling)


def _preview(found: VolumeGroups, checks: Sequence[Check], lines: list[str]) -> RunResult:
    """What would be done, or why nothing would be."""
    failed = [f"check failed: {c.name} ({c.found}): {c.remedy}" for c in checks if not c.ok]
    return RunResult(
        for_screen(volume_groups.BOOTED_ROOT),
        for_screen(found.clone_root),
        counts={"initial": 0, "copied": 0},
        plan=lines,
        error="; ".join(failed),
    )


def _clone_lvs(found: VolumeGroups, source: Source) -> list[LogicalVolume]:
    """The clone's LVs of the same names as the cloned ones, swap included."""
    assert found.clone is not None
    lvs = (found.clone.lv(lv.name) for lv in source.lvs)
    return [lv for lv in lvs if lv is not None]


def _nothing_mounted(found: VolumeGroups) -> Check:
    return Check(
        "nothing is mounted at the clone's root",
        not is_mount_point(found.clone_root, found.table),
        for_screen(found.clone_root),
        "unmount it: 'drdwrap umount'",
    )
