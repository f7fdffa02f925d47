"""`activate`: let the next boot start the image that is not booted."""

import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace

from drdwrap.actions import images_at_boot
from drdwrap.actions.left_behind import left_behind
from drdwrap.boot.selection import firmwares, pending, trial_files
from drdwrap.boot.selection.custom_cfg import with_part
from drdwrap.boot.selection.firmwares import Firmware
from drdwrap.boot.selection.grub_menu import default_entry
from drdwrap.boot.selection.image import Image
from drdwrap.boot.selection.image_state import GOOD, OFF, ONCE, TRY, ImageState
from drdwrap.boot.selection.pending import MODES, PERMANENT, TRIAL, Pending
from drdwrap.boot.selection.trial_files import Bounds, in_words, kernel_arguments
from drdwrap.checks import refuse_unless
from drdwrap.clone_disk.image_pair import ImagePair, both_images
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError
from drdwrap.linux import clock, durable, fs_freeze, process, syscalls, watchdog
from drdwrap.log import Log
from drdwrap.pair import chroot_mounts, mounting
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen
from drdwrap.paths.utf8 import decoded
from drdwrap.record.state_directory import StateDirectory

TITLE = "Activate Inactive System Image"
_STATES = {TRIAL: TRY, pending.ONCE: ONCE, PERMANENT: GOOD}


@dataclass(frozen=True)
class ActivateRequest:
    """The options of the command. `mode` is one of `pending.MODES`; `report` is the command that
    says after a boot how a trial ended. `leave_databases`: those that stay behind may be lost."""

    mode: str
    report: Sequence[str]
    preview: bool = False
    despite_incomplete: bool = False
    leave_databases: bool = False


@dataclass
class Activated:
    """What was done, or would be. `writes` are sentences, in the order of the writing."""

    image: str
    booted: str
    mode: str
    deadline: int
    trial: str = ""
    writes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def activate(
    config: Config, state: StateDirectory, log: Log, request: ActivateRequest
) -> Activated:
    """Choose the other image. The lock is held. DrdwrapError: the next boot is as before.

    Everything that is written before the last step changes nothing about the next boot; the last
    step is a single sector, or a variable of the firmware.
    """
    assert request.mode in MODES
    refuse_unless(images_at_boot.checks_before(config, state, despite=request.despite_incomplete))
    firmware = firmwares.running()
    with both_images(config) as images:
        refuse_unless(firmware.checks(images.mine, images.other))
    behind = left_behind(config, state, log)  # this mounts the other image in its own way
    if not (request.preview or request.leave_databases):
        behind.refuse_databases()
    with both_images(config) as images:
        activation = _Activation(config, state, log, request, images, firmware)
        result = activation.previewed() if request.preview else activation.done()
        result.warnings = [*behind.notes, *behind.databases, *result.warnings]
        return result


@dataclass(frozen=True)
class _Activation:
    """One activation, whose checks hold."""

    config: Config
    state: StateDirectory
    log: Log
    request: ActivateRequest
    images: ImagePair
    firmware: Firmware

    def previewed(self) -> Activated:
        result = self._result("")
        result.writes = [
            *(f"{path} on {image.name}" for image, path in self._places()),
            self._last_step(),
        ]
        return result

    def done(self) -> Activated:
        mine, other = self.images.mine, self.images.other
        trial = secrets.token_hex(4) if self.request.mode == TRIAL else ""
        result = self._result(trial)
        arguments = kernel_arguments(trial, watchdog=self._has_watchdog())
        entry = default_entry(other.text(other.menu), other.saved()).on_trial(arguments)
        for image, former, of_trial in (
            (other, mine, entry if trial else ""),
            (mine, other, ""),
        ):
            result.writes += self._write_files(image, former)
            result.writes += self._write_part(image, former, of_trial)
        assert other.place is not None
        before = other.state() or ImageState()
        own = mine.state()
        serial = 1 + max(before.serial, own.serial if own else 0)
        if own is None and mine.place is not None:
            mine.place.write(ImageState(GOOD, serial - 1))
        self._settle()
        number = self.firmware.prepare(mine, other)
        note = Pending(
            other.name,
            self.request.mode,
            trial,
            clock.now(),
            other.place,
            number,
            self.request.despite_incomplete,
        )
        pending.write(self.state.activation, note)
        chosen = ImageState(
            _STATES[self.request.mode],
            serial,
            trial=trial,
            activated=note.activated,
            former=mine.name,
            entry=number if self.request.mode != pending.ONCE else "",
        )
        other.place.write(chosen)
        try:
            self.firmware.choose(number, permanently=self.request.mode == PERMANENT)
        except DrdwrapError:
            other.place.write(replace(before, state=OFF, serial=serial))
            with suppress(OSError):
                durable.remove(self.state.activation)
            raise
        images_at_boot.hide_message()
        result.writes.append(self._last_step())
        for line in result.writes:
            self.log.item(f"Written: {line}.", level=4)
        self.log.item(f"The next boot starts {other.name}.")
        return result

    def _result(self, trial: str) -> Activated:
        other = self.images.other
        result = Activated(
            other.name,
            self.images.mine.name,
            self.request.mode,
            self.config.activation.deadline,
            trial,
        )
        if self.request.mode == TRIAL:
            result.warnings.append(
                watchdog.what_is_covered(
                    armed_by_trial=self._has_watchdog(), deadline=in_words(result.deadline)
                )
            )
        if self.images.encrypted:
            result.warnings.append(
                f"{other.name} is encrypted: if its initramfs asks for a passphrase, somebody has"
                " to type it; nothing ends that wait"
            )
        return result

    def _has_watchdog(self) -> bool:
        return watchdog.is_there() and self.images.other.init == "systemd"

    def _bounds(self) -> Bounds:
        return Bounds(self.config.activation.deadline, self.config.activation.health)

    def _files(self, image: Image, former: Image) -> list[trial_files.TrialFile]:
        note = decoded(self.state.activation)
        return trial_files.trial_files(
            image, former.name, self._bounds(), note, self.request.report
        )

    def _places(self) -> list[tuple[Image, str]]:
        """Each image, and what would be written on it."""
        mine, other = self.images.mine, self.images.other
        found = []
        for image, former in ((other, mine), (mine, other)):
            found += [(image, file.path) for file in self._files(image, former)]
            found.append((image, f"/{for_screen(image.custom_cfg)} (drdwrap's part)"))
        return found

    def _last_step(self) -> str:
        other = self.images.other
        assert other.place is not None
        where = f"{for_screen(other.place.path)} on {other.place.device}"
        step = f"the state '{_STATES[self.request.mode]}' of {other.name} in {where}"
        if self.firmware.NAME.startswith("UEFI"):
            variable = "BootOrder" if self.request.mode == PERMANENT else "BootNext"
            step += f", and its entry in the firmware's {variable}"
        return step

    def _write_files(self, image: Image, former: Image) -> list[str]:
        written = trial_files.write(image.root, self._files(image, former))
        if image.init == "sysv":
            _link_run_levels(image, is_booted=image is self.images.mine)
        elif image is self.images.mine and written:
            process.run("systemctl", ["daemon-reload"])
        return [f"{path} on {image.name}" for path in written]

    def _write_part(self, image: Image, counterpart: Image, entry: str) -> list[str]:
        path = absolute(image.root, image.custom_cfg)
        text = image.text(image.custom_cfg)
        new = with_part(text, self.firmware.part(image, counterpart, entry))
        if new == text:
            return []
        durable.write(path, [new.encode("utf-8", "surrogateescape")], 0o644)
        return [f"/{for_screen(image.custom_cfg)} on {image.name}"]

    def _settle(self) -> None:
        """Have everything on the disks, where GRUB sees it, before the last step."""
        for image in (self.images.other, self.images.mine):
            for point in (b"", b"boot", image.esp_point):
                syscalls.syncfs(absolute(image.root, point))
        fs_freeze.flush_journal(absolute(self.images.mine.root, b"boot"))


def _link_run_levels(image: Image, *, is_booted: bool) -> None:
    """Link the scripts for SysV init into the run levels. ProgramError."""
    for name in trial_files.RC_SCRIPTS:
        if is_booted:
            process.run("update-rc.d", [name, "defaults"])
            continue
        if not os.path.isdir(absolute(image.root, b"proc/1")):
            options = f"remount,{mounting.FOR_PROGRAMS}"
            process.run("mount", ["-o", options, image.root], hold_lock=False)
            chroot_mounts.mount_kernel(image.root)
        process.run("chroot", [image.root, "update-rc.d", name, "defaults"])
