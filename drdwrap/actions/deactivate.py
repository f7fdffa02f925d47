"""`deactivate`: the booted image stays, or a trial under way ends at the next boot."""

import os
from contextlib import suppress
from dataclasses import dataclass, field, replace

from drdwrap.actions import images_at_boot
from drdwrap.boot.selection import firmwares, pending
from drdwrap.boot.selection.image_state import CHOSEN, FAILED, GOOD, HELD, OFF, PENDING, UNDER_WAY
from drdwrap.clone_disk.image_pair import booted_image
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, RefusedError
from drdwrap.linux import clock, directories, durable
from drdwrap.log import Log
from drdwrap.pair import volume_groups
from drdwrap.pair.root_group import RootGroup
from drdwrap.record.state_directory import StateDirectory

TITLE = "Deactivate Inactive System Image"
_OVER = b"/run/drdwrap/trial-over"
"""The trial's script does nothing more once this directory is there."""


@dataclass
class Deactivated:
    """`next`: the image that the next boot starts; None if it is the former one of a trial.
    `ended_trial`: the booted image was on trial. `notes` are sentences."""

    next: str | None
    ended_trial: bool = False
    nothing: bool = False
    notes: list[str] = field(default_factory=list)


def deactivate(config: Config, state: StateDirectory, log: Log, *, preview: bool) -> Deactivated:
    """Take an activation back. The lock is held. DrdwrapError, OSError."""
    if config.layout != "lvm":
        raise RefusedError("with 'layout: directories' nothing is activated")
    found = volume_groups.found_now(config)
    if not isinstance(found.booted, RootGroup):
        raise RefusedError(found.booted, "deactivate is for images on LVM")
    mine = booted_image(found)
    own = mine.state()
    try:
        note = pending.read(state.activation)
    except DrdwrapError as error:
        log.warning(error.message)
        note = None
    if own is not None and own.state in UNDER_WAY:
        if not preview:
            directories.make(os.path.dirname(_OVER))
            with suppress(FileExistsError):
                os.mkdir(_OVER, 0o700)
            assert mine.place is not None
            reason = "it was ended with 'drdwrap deactivate'"
            mine.place.write(replace(own, state=FAILED, reason=reason, ended=clock.now()))
            images_at_boot.hide_message()
            log.item("The trial is over: the next boot starts the former image.")
        return Deactivated(None, ended_trial=True)
    other = note.place.read() if note else None
    is_chosen = other is not None and other.state in CHOSEN | PENDING | UNDER_WAY | {HELD}
    done = Deactivated(mine.name, nothing=not is_chosen)
    if preview:
        return done
    if note is not None and other is not None and is_chosen:
        firmwares.running().keep(mine, note.entry)
        # First this image, then the other one: between the two, this one is started.
        if mine.place is not None and own is not None:
            serial = max(own.serial, other.serial) + 1
            mine.place.write(replace(own, state=GOOD, serial=serial))
        note.place.write(replace(other, state=OFF))
    durable.remove(state.activation)
    images_at_boot.hide_message()
    log.item(f"The next boot starts {mine.name}.")
    return done
