"""The clone as a command is to find it: mounted with its boot partitions, for this run alone."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from drdwrap.checks import Check, refuse_unless
from drdwrap.clone_disk.boot_partitions import boot_partitions_to_mount
from drdwrap.config.model import Config
from drdwrap.linux import (
    block_devices,
    capabilities,
    confinement,
    mount_namespace,
    run_lock,
    seccomp,
)
from drdwrap.linux.confinement import Ended
from drdwrap.linux.mountinfo import (
    Mount,
    below,
    is_mount_point,
    mount_at,
    mount_of,
    mounts,
)
from drdwrap.log import Log
from drdwrap.pair import layout, mounting, volume_groups
from drdwrap.pair.pair import Pair
from drdwrap.pair.root_group import depth, number_of
from drdwrap.patching import devices, surroundings
from drdwrap.patching.command_root import CommandRoot
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.record import patching_note
from drdwrap.record.state_directory import StateDirectory

_KEPT = frozenset(
    (
        capabilities.CHOWN,
        capabilities.DAC_OVERRIDE,
        capabilities.FOWNER,
        capabilities.FSETID,
        capabilities.KILL,
        capabilities.SETGID,
        capabilities.SETUID,
        capabilities.SETPCAP,
        capabilities.LINUX_IMMUTABLE,
        capabilities.NET_BIND_SERVICE,
        capabilities.NET_RAW,
        capabilities.IPC_LOCK,
        capabilities.IPC_OWNER,
        capabilities.SYS_CHROOT,
        capabilities.SYS_ADMIN,  # for the device mapper; see `linux.seccomp` for what it may not do
        capabilities.SYS_NICE,
        capabilities.SYS_RESOURCE,
        capabilities.MKNOD,
        capabilities.LEASE,
        capabilities.AUDIT_WRITE,
        capabilities.SETFCAP,
    )
)
"""The capabilities that a command has: those for files and accounts. Without the others it cannot
reboot, load modules, set the clock, change the network, or trace processes."""

_BOOT = (b"boot", b"boot/efi", b"boot/firmware", b"efi")
_DEVICE_MAPPER = "/sys/class/misc/device-mapper/dev"


@dataclass(frozen=True)
class MountedClone:
    """The clone, mounted. `mount_points` are those of its file systems below its root (relative,
    outermost first, without the root itself)."""

    pair: Pair
    state: StateDirectory
    mount_points: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        return self.pair.clone_root

    def run(
        self,
        command: Sequence[bytes],
        environment: Mapping[bytes, bytes] | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> Ended:
        """Run the command on the clone, where it reaches nothing of the running system.

        `environment` is added to what the command gets anyway; `before` is called in the process
        that starts it. DrdwrapError, OSError.
        """
        image = self._image()

        def prepare() -> None:
            image.enter()
            before()

        made = [
            file.path
            for file in image.covered
            if not file.path.startswith(b"proc/")
            and not os.path.lexists(absolute(self.root, file.path))
        ]
        words = for_screen(b" ".join(command))
        patching_note.write(self.state, words, self.pair.clone_id, made)
        try:
            patching_note.make_files(self.root, made)
            given = {**surroundings.environment(os.environb), **(environment or {})}
            return confinement.run(command, given, prepare, _confine)
        finally:
            patching_note.clean_up(self.state, self.root, self.pair.clone_id)

    def _image(self) -> CommandRoot:
        table = mounts()
        points = (b"", *self.mount_points)
        own = [_mounted(absolute(self.root, point), table) for point in points]
        inside = {absolute(self.root, p) for p in points}
        booted = {number_of(mount) for mount in table if mount.mount_point not in inside}
        numbers = {number_of(mount) for mount in own}
        line = surroundings.command_line(self.root, own[0].source)
        return CommandRoot(
            self.root,
            self.mount_points,
            devices.clone_devices(numbers, block_devices.devices(), booted - numbers),
            _device_mapper(),
            surroundings.covered(self.root, line),
            tuple(surroundings.made(self.root)),
        )


@contextmanager
def mounted_clone(config: Config, state: StateDirectory, log: Log) -> Iterator[MountedClone]:
    """The clone with all its file systems, for the length of the context. It is left as it was
    found, and what this mounts is seen by no other process. RefusedError, DrdwrapError."""
    seccomp.refuse_unknown(os.uname().machine)
    with ExitStack() as stack:
        problems = stack.enter_context(layout.of(config).present(config))
        pair, checks = layout.of(config).find_pair(config)
        refuse_unless([_as_root(), state.finished_making(), *problems, *checks])
        assert pair is not None
        stack.enter_context(run_lock.clone_held(pair.clone_root))
        stack.enter_context(mount_namespace.private_mounts())
        _mount_boot_partitions(stack, config, pair)
        patching_note.clean_up_and_say(state, pair, log.note)
        points = below(pair.clone_root, mounts())
        own = {point for point in points if point in pair.volumes or point in _BOOT}
        yield MountedClone(pair, state, tuple(sorted(own, key=depth)))


def _as_root() -> Check:
    return Check("running as root", os.geteuid() == 0, f"uid {os.geteuid()}", "run it as root")


def _mount_boot_partitions(stack: ExitStack, config: Config, pair: Pair) -> None:
    """Mount those that are not mounted yet, in this process's own namespace."""
    if config.layout != "lvm":
        return
    for system in boot_partitions_to_mount(volume_groups.found_now(config)):
        target = absolute(pair.clone_root, system.mount_point)
        if not is_mount_point(target, mounts()):
            mounting.mount([system], pair.clone_root, mounting.GUARDED)
            stack.callback(mounting.unmount, target)


def _mounted(point: bytes, table: Sequence[Mount]) -> Mount:
    mount = mount_at(point, table)
    if mount is None:  # clone.require_mount is false
        mount = mount_of(point, table)
    return mount


def _device_mapper() -> str:
    try:
        with open(_DEVICE_MAPPER) as file:
            return file.read().strip()
    except OSError:
        return ""


def _confine() -> None:
    capabilities.keep_only(_KEPT)
    seccomp.refuse_what_reaches_outside()
