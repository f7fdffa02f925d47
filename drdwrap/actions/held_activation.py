"""Hold an activation back while a sync runs: an image that is half synced is not booted.

It is held back before the first copy and released after a complete sync, so that a sync that is
killed at a shutdown, or a power cut, leaves it held back.
"""

from dataclasses import dataclass, replace

from drdwrap.boot.selection import firmwares, pending
from drdwrap.boot.selection.image_state import GOOD, HELD, PENDING, ImageState
from drdwrap.boot.selection.pending import PERMANENT, Pending
from drdwrap.clone_disk.image_pair import booted_image
from drdwrap.config.model import Config
from drdwrap.errors import DrdwrapError, in_words
from drdwrap.log import Log
from drdwrap.pair import volume_groups
from drdwrap.record.state_directory import StateDirectory


@dataclass(frozen=True)
class HeldActivation:
    """An activation that is held back, and the state that it had."""

    note: Pending
    state: ImageState

    def release(self, log: Log) -> None:
        """Let the next boot act on it again."""
        try:
            self.note.place.write(self.state)
            firmwares.running().choose(self.note.entry, permanently=self.note.mode == PERMANENT)
        except (DrdwrapError, OSError) as error:
            log.warning(f"the activation of {self.note.name} is cancelled: {_why(error)}")


def hold_back(config: Config, state: StateDirectory, log: Log) -> HeldActivation | None:
    """Hold a pending activation back. None if there is none, or it is to stay whatever happens."""
    try:
        note = pending.read(state.activation)
        if note is None or note.despite_incomplete:
            return None
        now = note.place.read()
        is_pending = now is not None and (
            now.state in PENDING or (now.state == GOOD and note.mode == PERMANENT)
        )
        if now is None or not is_pending:
            return None
        firmwares.running().keep(booted_image(volume_groups.found_now(config)), note.entry)
        note.place.write(replace(now, state=HELD))
        return HeldActivation(note, now)
    except (DrdwrapError, OSError) as error:
        log.warning(f"a pending activation could not be held back during the sync: {_why(error)}")
        return None


def _why(error: DrdwrapError | OSError) -> str:
    return error.message if isinstance(error, DrdwrapError) else in_words(error)
