"""What an image's GRUB does when it starts, as a function of both images' states.

`templates/trial/custom.cfg.j2` is the same for GRUB. The firmware may start either disk's GRUB, so
the rules are the same on both sides: whoever starts first, the same image is started, and two GRUBs
never hand over to each other in a circle.
"""

from dataclasses import dataclass, replace

from drdwrap.boot.selection.image_state import (
    CHOSEN,
    FAILED,
    HANDED,
    ONCE,
    ONCE_HANDED,
    SPENT,
    TRY,
    TRYING,
    UNDER_WAY,
    ImageState,
)

SELF, TRIAL, HAND_OVER = "self", "trial", "hand over"
"""The actions: start the default entry; start the trial's entry; start the other disk's GRUB."""


@dataclass(frozen=True)
class Start:
    """What GRUB does, and both states after that."""

    action: str
    mine: ImageState
    other: ImageState | None


def at_start(
    mine: ImageState,
    other: ImageState | None,
    *,
    mine_writable: bool = True,
    other_writable: bool = True,
) -> Start:
    """What the GRUB of an image in the state `mine` does.

    `other` is None if the other image's state cannot be read (its disk is gone, say).
    `*_writable`: whether GRUB can write that image's state. An attempt begins only if it was
    written: what cannot be written would be tried again and again.
    """
    elsewhere = HAND_OVER if other is not None and other.state in CHOSEN else SELF
    if mine.state in (TRY, HANDED):
        if not mine_writable:
            return Start(elsewhere, mine, other)
        return Start(TRIAL, mine.becoming(TRYING), other)
    if mine.state in (ONCE, ONCE_HANDED):
        if not mine_writable:
            return Start(elsewhere, mine, other)
        return Start(SELF, mine.becoming(SPENT), other)
    kept = mine
    if mine.state == TRYING:
        mine = mine.becoming(FAILED)
        kept = mine if mine_writable else kept
    if other is None:
        return Start(SELF, kept, None)
    if other_writable and other.state in (TRY, ONCE):
        handed = HANDED if other.state == TRY else ONCE_HANDED
        return Start(HAND_OVER, kept, other.becoming(handed))
    if other.state in UNDER_WAY:
        stage = HANDED if other.state == HANDED else other.stage
        failed = replace(other, state=FAILED, stage=stage)
        return Start(SELF, kept, failed if other_writable else other)
    if other.state in CHOSEN:
        is_newer = mine.state not in CHOSEN or other.serial > mine.serial
        return Start(HAND_OVER if is_newer else SELF, kept, other)
    return Start(SELF, kept, other)
