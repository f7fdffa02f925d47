"""The clone's LVs that `mount` activates, noted so that `umount` deactivates just these."""

import os
from collections.abc import Sequence

from drdwrap.errors import DrdwrapError, ProgramError
from drdwrap.linux import directories, durable, lvm, safe_file
from drdwrap.linux.lvm import LogicalVolume
from drdwrap.pair import mounting
from drdwrap.paths.line_ends import lines_of

_NOTE = b"/run/drdwrap/activated"
"""The LVs' paths, one a line. The next boot removes the note, and deactivates the LVs."""


def activate_and_note(lvs: Sequence[LogicalVolume]) -> None:
    """Activate the inactive ones among these LVs. ProgramError, OSError."""
    idle = [lv.path for lv in lvs if not lv.is_active]
    directories.make(os.path.dirname(_NOTE))
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
        return [os.fsdecode(line) for line in lines_of(safe_file.contents(_NOTE))]
    except OSError:
        return []
