"""What an image's environment block says: is it to be started, on trial, or chosen."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

TRY, HANDED, TRYING, GOOD, FAILED = "try", "handed", "trying", "good", "failed"
"""A trial: asked for; handed over to the image's own GRUB; under way; passed; failed."""

ONCE, ONCE_HANDED, SPENT = "once", "once-handed", "spent"
"""A single start: asked for; handed over to the image's own GRUB; made."""

OFF, HELD = "off", "held"
"""The image is not chosen; an activation is held back as long as a sync is not complete."""

CHOSEN = frozenset({GOOD})
PENDING = frozenset({TRY, ONCE})
UNDER_WAY = frozenset({HANDED, TRYING})
_STATES = CHOSEN | PENDING | UNDER_WAY | {FAILED, SPENT, OFF, HELD, ONCE_HANDED}

STARTED = "started"
"""The stage of a trial that has reached user space."""

LONGEST_REASON = 160
"""Characters; everything in a block fits into one sector."""


@dataclass(frozen=True)
class ImageState:
    """The state of an image. `serial` orders the choices: of two images that are `good`, the one
    with the larger serial is started.

    `trial` is the id of the last trial (also on the kernel's command line), `stage` how far it got,
    `reason` why it failed, `activated` and `ended` are dates; empty if there is none. `former` is
    the image that was booted when it was activated. `entry` is the number of the image's boot entry
    under UEFI, or empty.
    """

    state: str = OFF
    serial: int = 0
    trial: str = ""
    stage: str = ""
    reason: str = ""
    activated: str = ""
    ended: str = ""
    former: str = ""
    entry: str = ""

    @classmethod
    def of(cls, values: Mapping[str, str]) -> "ImageState":
        """The state that a block holds. ValueError if it is not understood."""
        state = values.get("drd_state", "")
        serial = values.get("drd_serial", "")
        if state not in _STATES or not (serial.isdigit() and serial.isascii()):
            raise ValueError("its state is not understood")
        names = ("trial", "stage", "reason", "activated", "ended", "former", "entry")
        return cls(state, int(serial), **{name: values.get(f"drd_{name}", "") for name in names})

    def values(self) -> dict[str, str]:
        """The values for a block."""
        fields = {**self.__dict__, "reason": plain(self.reason)}
        return {f"drd_{name}": str(value) for name, value in fields.items()}

    def becoming(self, state: str) -> "ImageState":
        return replace(self, state=state)


def plain(text: str) -> str:
    """A reason as a block can hold it: printable ASCII, and not too long."""
    kept = "".join(c if c.isascii() and c.isprintable() and c != "\\" else "?" for c in text)
    return kept if len(kept) <= LONGEST_REASON else kept[: LONGEST_REASON - 3] + "..."


def why_failed(state: ImageState) -> str:
    """Why a trial failed that is over, in words. Without a reason its stage tells what is known."""
    if state.reason:
        return state.reason
    if state.stage == HANDED or state.state == HANDED:
        return "the other disk's boot loader did not start, or another entry was chosen in its menu"
    if state.stage == STARTED:
        return (
            "it reached user space, and then the machine was reset or lost its power, or the kernel"
            " panicked"
        )
    return (
        "it did not reach user space: the kernel could not be loaded, it panicked, or the root file"
        " system was not found"
    )
