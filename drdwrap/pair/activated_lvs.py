"""The clone's LVs that `mount` activates, noted so that `umount` deactivates just these."""

import os
from collections.abc import Sequence

from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import durable, lvm
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.pair import mounting

_NOTE = b"/run/drdwrap/activated"
"""The LVs' paths, one a line. The next boot removes the note, and deactivates the LVs."""


def activate_and_note(lvs: Sequence[LogicalVolume]) -> None:
    """Activate the inactive ones among these LVs. ProgramError, OSError."""
    idle = [lv.path for lv in lvs if not lv.is_active]
    os.makedirs(os.path.dirname(_NOTE), mode=0o700, exist_ok=True)
    if idle:
        paths = {*idle, *_noted()}  # a mount that was cut off may have noted some
        durable.write(_NOTE, [os.fsencode(path) + b"\n" for path in sorted(paths)])
        lvm.activate(idle)


def deactivate_noted() -> None:
    """Deactivate the noted LVs. DrdwrapError, which says who has one mounted elsewhere."""
    paths = _noted()
    try:
        lvm.deactivate(paths)
    except ProgramError as error:
        hints = filter(None, map(mounting.shown_elsewhere, paths))
        raise DrdwrapError(error.message, next(hints, "")) from error
    durable.remove(_NOTE)


def _noted() -> list[str]:
    try:
        with open(_NOTE, "rb") as file:
            return [os.fsdecode(line) for line in file.read().splitlines()]
    except OSError:
        return []
