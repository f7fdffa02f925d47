"""`clone`: make the clone's disk if one is named, fill the clone, and have it boot by itself."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from drdwrap.checks import Check
from drdwrap.clone_disk import describe, disk_plan, finish, make, preconditions, source, target
from drdwrap.clone_disk.disk_plan import DiskPlan
from drdwrap.clone_disk.preconditions import BootedTree
from drdwrap.clone_disk.source import Source
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RefusedError, in_words
from drdwrap.linux import block_devices, durable
from drdwrap.linux.block_devices import BlockDevice, Devices
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.linux.mountinfo import is_mount_point
from drdwrap.log import Log
from drdwrap.pair import mounting, volume_groups
from drdwrap.pair.lvm import active
from drdwrap.pair.private_trees import private_tree
from drdwrap.pair.root_group import depth
from drdwrap.pair.volume_groups import Found
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.patterns import PatternList
from drdwrap.record.state_directory import State
from drdwrap.rsync.output import Progress
from drdwrap.sync import fill
from drdwrap.sync.begin import refuse_unless
from drdwrap.sync.result import RunResult


@dataclass(frozen=True)
class Request:
    """What was asked for.

    `disk` is the device to make the clone on, or None to fill the clone that is there; `sizes` are
    in bytes, by LV. `key_file` opens an encrypted clone's container; `unencrypted` allows a clone
    that is not encrypted of a source that is.
    """

    disk: str | None = None
    sizes: Mapping[str, int] = field(default_factory=dict)
    key_file: str | None = None
    unencrypted: bool = False
    overwrite: bool = False
    preview: bool = False
    tell: Callable[[Progress], None] | None = None


def clone(config: Config, state: State, log: Log, request: Request) -> RunResult:
    """Make, fill and finish the clone. The lock is held. Errors: DrdwrapError, Interrupted.

    Nothing is written before all has been looked at that can be. What fails after that leaves the
    booted system as it was, and says how to begin again.
    """
    if config.layout == "directories":
        if request.disk is not None:
            raise RefusedError("--disk is for 'layout: lvm'", "leave --disk out, or correct layout")
        return fill.fill(
            config,
            state,
            log,
            fill.Request(request.preview, request.overwrite, request.tell),
        )
    return _Cloning(config, state, log, request).run()


@dataclass(frozen=True)
class _Cloning:
    """One making, or filling, of a clone of the root volume group."""

    config: Config
    state: State
    log: Log
    request: Request

    def run(self) -> RunResult:
        found = volume_groups.look(self.config)
        refuse_unless(volume_groups.booted_checks(found))
        tree = block_devices.devices()
        origin = source.of_booted(found, tree)
        if self.request.disk is not None:
            return self._on_disk(self.request.disk, found, origin, tree)
        return self._again(found, origin)

    def _again(self, found: Found, origin: Source) -> RunResult:
        """Fill the clone that is there."""
        refuse_unless(
            [
                self.state.finished_making(),
                volume_groups.clone_check(found),
                _nothing_mounted(found),
            ]
        )
        with active(_counterparts(found, origin)):
            found, tree = volume_groups.look(self.config), block_devices.devices()
            with self._booted(origin) as booted:
                checks = preconditions.of_filling(
                    found, origin, tree, booted, unencrypted=self.request.unencrypted
                )
            refuse_unless(checks)
            return self._fill(origin)

    def _on_disk(self, device: str, found: Found, origin: Source, tree: Devices) -> RunResult:
        """Make the clone's disk, and fill it."""
        request = self.request
        encrypted = request.key_file is not None
        planned = disk_plan.make(origin, found.name, request.sizes, encrypted=encrypted)
        disk, checks = target.find(device, tree)
        if disk is not None:
            sizes = preconditions.block_sizes(origin)
            checks += target.judge(
                disk,
                origin,
                planned,
                found.groups,
                sizes,
                block_devices.signatures(disk),
                overwrite=request.overwrite,
            )
        checks += preconditions.encryption(
            origin, encrypted=encrypted, unencrypted=request.unencrypted
        )
        with self._booted(origin) as booted:
            checks += preconditions.of_making(
                origin, tree, found.name, request.sizes, request.key_file, booted
            )
        checks.append(_nothing_mounted(found))
        lines = describe.plan(disk, device, planned, origin) if disk else []
        if request.preview:
            return _planned(found, checks, lines)
        refuse_unless(checks)
        assert disk is not None
        for line in lines:
            self.log.item(line)
        make.release(disk, found.clone, self.log.item)
        self._make(device, disk, planned, origin)
        return self._fill(origin)

    def _make(self, device: str, disk: BlockDevice, planned: DiskPlan, origin: Source) -> None:
        """Make the disk. From when something may have been written until all is, a note says so."""
        try:
            durable.write(self.state.cloning, [os.fsencode(device)])
            make.make(disk, planned, origin, self.request.key_file, self.log.item)
            durable.remove(self.state.cloning)
        except (DrdwrapError, OSError) as error:
            message = error.message if isinstance(error, DrdwrapError) else in_words(error)
            raise DrdwrapError(
                f"the clone's disk could not be made: {message}",
                f"the booted system is as it was; 'drdwrap clone --disk {device} --overwrite'"
                " begins anew",
            ) from error

    def _fill(self, origin: Source) -> RunResult:
        """Fill the clone, which is not mounted, and finish it."""
        found, request = (
            volume_groups.look(self.config),
            self.request,
        )  # as it is now that it is made
        with (
            active(found.clone_volumes()),
            mounting.mounted_privately(
                found.file_systems(),
                found.clone_root,
                mounting.FOR_PROGRAMS,
                make_directories=not request.preview,
            ),
        ):
            finishing = finish.Finishing(origin, found.name).finish
            filling = fill.Request(request.preview, request.overwrite, request.tell, finishing)
            return fill.fill(self.config, self.state, self.log, filling)

    @contextmanager
    def _booted(self, origin: Source) -> Iterator[BootedTree]:
        points = [system.mount_point for system in origin.root.file_systems]
        points += [system.mount_point for system in origin.boot]
        at = self.state.trees
        with private_tree(volume_groups.BOOTED_ROOT, sorted(points, key=depth), at) as root:
            yield BootedTree(root, PatternList.of(self.config.exclude_list).cover)


def _planned(found: Found, checks: Sequence[Check], lines: list[str]) -> RunResult:
    """What would be done, or why it would not be."""
    failed = [f"not so: {c.name} ({c.found}): {c.remedy}" for c in checks if not c.ok]
    return RunResult(
        for_screen(volume_groups.BOOTED_ROOT),
        for_screen(found.clone_root),
        counts={"initial": 0, "copied": 0},
        plan=lines,
        error="; ".join(failed),
    )


def _counterparts(found: Found, origin: Source) -> list[LogicalVolume]:
    """The clone's LVs that stand for booted ones, swap included."""
    assert found.clone is not None
    counterparts = (found.clone.volume(volume.name) for volume in origin.volumes)
    return [volume for volume in counterparts if volume is not None]


def _nothing_mounted(found: Found) -> Check:
    mounted = is_mount_point(found.clone_root, found.table)
    return Check(
        "nothing is mounted where the clone goes",
        not mounted,
        for_screen(found.clone_root),
        "unmount it: 'drdwrap umount'",
    )
