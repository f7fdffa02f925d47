"""One of the two images: its disk, its boot files, and the file system that holds its state."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from drdwrap.boot.selection import environment_block
from drdwrap.boot.selection.image_state import ImageState
from drdwrap.errors import RefusedError
from drdwrap.linux import block_devices, directories, mount_namespace, mountinfo, process, safe_file
from drdwrap.linux.block_devices import BlockDevice
from drdwrap.paths.arithmetic import absolute
from drdwrap.paths.escaping import for_screen

_MOUNT_POINT = b"/run/drdwrap/state"
WRITTEN_BY_GRUB = frozenset(("ext2", "ext3", "ext4", "xfs", "vfat"))
"""The types of file systems on a plain partition in which GRUB can write a file in place."""

_READ_ONLY = {"ext3": "ro,noload", "ext4": "ro,noload", "xfs": "ro,norecovery,nouuid"}
"""Options to look without replaying a journal, which writes."""


@dataclass(frozen=True)
class StatePlace:
    """The file with an image's state: `path` (absolute) on the file system of this UUID, and its
    type."""

    uuid: str
    type: str
    path: bytes

    @property
    def device(self) -> str:
        """The device by a name that it keeps."""
        return f"/dev/disk/by-uuid/{self.uuid}"

    def read(self) -> ImageState | None:
        """The state; None if there is none yet. DrdwrapError, OSError if it cannot be read."""
        with self._opened(_READ_ONLY.get(self.type, "ro")) as file:
            return _state_in(file)

    def write(self, state: ImageState) -> None:
        """Write the state to the disk, and read it back. DrdwrapError, OSError."""
        with self._opened("rw") as file:
            environment_block.write(file, state.values())
            if _state_in(file) != ImageState.of(state.values()):
                raise RefusedError(f"the state of an image cannot be written to {self.device}")

    @contextmanager
    def _opened(self, options: str) -> Iterator[bytes]:
        """The path of the file, with its file system mounted where no other process sees it."""
        number = block_devices.number_of(self.device)
        if any(mount.device == number for mount in mountinfo.mounts()):
            options = "rw"  # a file system that is mounted already takes no other options
        with mount_namespace.private_mounts():
            directories.make(os.path.dirname(_MOUNT_POINT))
            directories.make(_MOUNT_POINT)
            process.run("mount", ["-o", options, self.device, _MOUNT_POINT], hold_lock=False)
            try:
                yield absolute(_MOUNT_POINT, self.path.lstrip(b"/"))
            finally:
                process.run("umount", [_MOUNT_POINT], hold_lock=False)


def _state_in(file: bytes) -> ImageState | None:
    try:
        return ImageState.of(environment_block.read(file))
    except FileNotFoundError:
        return None
    except ValueError:
        return ImageState()  # GRUB takes what it does not understand for nothing


@dataclass(frozen=True)
class Image:
    """An image. `root` (absolute) is where its root file system is mounted, with `/boot` and the
    ESP below it; `name` is its volume group.

    `grub` is GRUB's directory below the root (b"boot/grub"). `place` is None if no plain file
    system of this image can hold its state. `esp` and `esp_point` (relative) are its ESP, if any.
    """

    name: str
    root: bytes
    disk: BlockDevice
    grub: bytes
    place: StatePlace | None
    esp: BlockDevice | None
    esp_point: bytes
    init: str

    def text(self, path: bytes) -> str:
        """The contents of a file below the root (relative); empty if there is none. OSError."""
        try:
            return safe_file.contents(absolute(self.root, path), follow=True).decode(
                "utf-8", "surrogateescape"
            )
        except FileNotFoundError:
            return ""

    @property
    def menu(self) -> bytes:
        return self.grub + b"/grub.cfg"

    @property
    def custom_cfg(self) -> bytes:
        return self.grub + b"/custom.cfg"

    def saved(self) -> dict[str, str]:
        """The values of GRUB's own environment (grubenv); empty if it cannot be read."""
        try:
            return environment_block.read(absolute(self.root, self.grub + b"/grubenv"))
        except (OSError, ValueError):
            return {}

    def state(self) -> ImageState | None:
        """Its state; None if there is none yet, or no place for it."""
        return self.place.read() if self.place else None

    def __str__(self) -> str:
        return f"{self.name} on {for_screen(os.fsencode(self.disk.path))}"
