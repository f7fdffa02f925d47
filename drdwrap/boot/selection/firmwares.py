"""What starts a machine: one file for each firmware and boot loader, all with these functions.

To add one, write its file and add it to `FIRMWARES`.
"""

from dataclasses import dataclass
from typing import Protocol

from drdwrap.boot.selection import grub_bios, grub_uefi
from drdwrap.boot.selection.image import Image
from drdwrap.checks import Check


@dataclass(frozen=True)
class Chosen:
    """What the next boot starts. `name` is the image, or None if that is not known; `lost` says why
    it is not the image that was chosen, or is empty."""

    name: str | None
    lost: str = ""


class Firmware(Protocol):
    """A way to choose an image. `mine` is the booted image, `other` the other one."""

    NAME: str

    def is_present(self) -> bool:
        """Whether the machine was booted this way."""

    def checks(self, mine: Image, other: Image) -> list[Check]:
        """Whether the other image can be started this way."""

    def part(self, image: Image, counterpart: Image, entry: str) -> str:
        """drdwrap's part of the image's custom.cfg; `entry` is the body of the trial's entry, or
        empty."""

    def prepare(self, mine: Image, other: Image) -> str:
        """Make what the choice needs, and nothing that changes the next boot. Returns the number of
        the other image's boot entry, or "". DrdwrapError: the next boot is as before."""

    def choose(self, entry: str, *, permanently: bool) -> None:
        """Let the next boot start the image, or all boots. The state is written already.
        DrdwrapError: the next boot is as before."""

    def keep(self, mine: Image, entry: str) -> None:
        """Let the next boots start the booted image. `entry` is the other one's. DrdwrapError."""


FIRMWARES: tuple[Firmware, ...] = (grub_uefi, grub_bios)


def running() -> Firmware:
    """The one by which this machine was booted."""
    return next(one for one in FIRMWARES if one.is_present())
