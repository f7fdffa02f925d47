"""`clone`: make the clone's disk if one is named, fill the clone, and have it boot by itself."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from drdwrap.actions import bootable, fill
from drdwrap.block import devices
from drdwrap.block.devices import BlockDevice, Devices
from drdwrap.block.lvm import LogicalVolume
from drdwrap.config.model import Config
from drdwrap.disk import describe, make, plan, preconditions, source, target
from drdwrap.disk.plan import DiskPlan
from drdwrap.disk.preconditions import BootedTree
from drdwrap.disk.source import Source
from drdwrap.errors import DrdwrapError, RefusedError, in_words
from drdwrap.escape import for_screen
from drdwrap.inventory.patterns import PatternList
from drdwrap.log import Log
from drdwrap.opening import refuse_unless
from drdwrap.outcome import Outcome
from drdwrap.record import durable
from drdwrap.rsync.output import Progress
from drdwrap.state import State
from drdwrap.trees import private_tree
from drdwrap.volumes import groups, mounting
from drdwrap.volumes.checks import Check
from drdwrap.volumes.groups import Found
from drdwrap.volumes.lvm import active
from drdwrap.volumes.mountinfo import is_mount_point
from drdwrap.volumes.root_group import depth


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


def clone(config: Config, state: State, log: Log, request: Request) -> Outcome:
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

    def run(self) -> Outcome:
        found = groups.look(self.config)
        refuse_unless(groups.booted_checks(found))
        tree = devices.devices()
        origin = source.of_booted(found, tree)
        if self.request.disk is not None:
            return self._on_disk(self.request.disk, found, origin, tree)
        return self._again(found, origin)

    def _again(self, found: Found, origin: Source) -> Outcome:
        """Fill the clone that is there."""
        refuse_unless(
            [self.state.finished_making(), groups.clone_check(found), _nothing_mounted(found)]
        )
        with active(_counterparts(found, origin)):
            found, tree = groups.look(self.config), devices.devices()
            with self._booted(origin) as booted:
                checks = preconditions.of_filling(
                    found, origin, tree, booted, unencrypted=self.request.unencrypted
                )
            refuse_unless(checks)
            return self._fill(origin)

    def _on_disk(self, device: str, found: Found, origin: Source, tree: Devices) -> Outcome:
        """Make the clone's disk, and fill it."""
        request = self.request
        encrypted = request.key_file is not None
        planned = plan.make(origin, found.name, request.sizes, encrypted=encrypted)
        disk, checks = target.find(device, tree)
        if disk is not None:
            sizes = preconditions.block_sizes(origin)
            checks += target.judge(
                disk,
                origin,
                planned,
                found.groups,
                sizes,
                devices.signatures(disk),
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

    def _fill(self, origin: Source) -> Outcome:
        """Fill the clone, which is not mounted, and finish it."""
        found, request = groups.look(self.config), self.request  # as it is now that it is made
        with (
            active(found.clone_volumes()),
            mounting.mounted_privately(
                found.file_systems(),
                found.clone_root,
                mounting.FOR_PROGRAMS,
                make_directories=not request.preview,
            ),
        ):
            finish = bootable.Finishing(origin, found.name).finish
            filling = fill.Request(request.preview, request.overwrite, request.tell, finish)
            return fill.fill(self.config, self.state, self.log, filling)

    @contextmanager
    def _booted(self, origin: Source) -> Iterator[BootedTree]:
        points = [system.mount_point for system in origin.root.file_systems]
        points += [system.mount_point for system in origin.boot]
        at = self.state.trees
        with private_tree(groups.BOOTED_ROOT, sorted(points, key=depth), at) as root:
            yield BootedTree(root, PatternList.of(self.config.exclude_list).cover)


def _planned(found: Found, checks: Sequence[Check], lines: list[str]) -> Outcome:
    """What would be done, or why it would not be."""
    failed = [f"not so: {c.name} ({c.found}): {c.remedy}" for c in checks if not c.ok]
    return Outcome(
        for_screen(groups.BOOTED_ROOT),
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
