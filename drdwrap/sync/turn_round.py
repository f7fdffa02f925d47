"""Exchange the roles of the two images, in the order that makes it survive anything.

What is about to happen is made durable, then the new clone's marker, then the record turned round:
from that instant the new roles hold. `docs/internals.md` draws it.
"""

import os

from drdwrap.errors import DrdwrapError, RefusedError, in_words, remedy_for
from drdwrap.inventory.entry import entry_at
from drdwrap.linux import run_note, syscalls
from drdwrap.pair.private_trees import private_trees
from drdwrap.paths.arithmetic import absolute
from drdwrap.record import marker, reversal, store
from drdwrap.record.intent import Intent
from drdwrap.record.marker import Marker
from drdwrap.record.reversal import Reversal
from drdwrap.rsync.command import STAGING
from drdwrap.sync import reversal_end
from drdwrap.sync.begin import Run
from drdwrap.sync.move_in import put_back
from drdwrap.sync.staging import Staging
from drdwrap.sync.turned_record import TurnedRecord


def turn_round(run: Run, new: TurnedRecord) -> None:
    """Make the roles of `run.pair` hold: its booted side is what was the clone.

    RefusedError without room; DrdwrapError, which says which roles hold.
    """
    _refuse_without_room(run, new)
    run_note.note("exchanging the roles")
    try:
        reversal.write(run.state.reversal, Reversal.to(new.header, new.held))
        untouched = new.root_is_untouched(run.trees)
        marker.write(run.trees.clone.root, Marker.of(new.header))
        syscalls.syncfs(run.trees.clone.root)
        root = entry_at(run.trees.clone.root, b"") if untouched else None
        store.write(run.state.record, new.header, new.booted(), new.clone(root))
    except OSError as error:
        raise DrdwrapError(
            f"the roles could not be exchanged: {in_words(run.trees.as_seen_by_all(error))}",
            f"{remedy_for(error) or 'see dmesg'}; the roles are as before",
        ) from error
    try:
        reversal_end.finish(run.state, run.pair, run.trees)
    except OSError as error:
        raise DrdwrapError(
            "the roles are exchanged, but not everything that said the opposite is gone:"
            f" {in_words(run.trees.as_seen_by_all(error))}",
            f"{remedy_for(error) or 'see dmesg'}; the next drdwrap command does the rest",
        ) from error


def settle_cut_off(run: Run, cut_off: Intent, new: TurnedRecord) -> None:
    """Put back what a run in the old roles, which was cut off, had taken out of the former clone
    and not looked at yet, and remove its staging directories. DrdwrapError, OSError."""
    volumes = run.pair.volumes
    staged = (absolute(absolute(run.pair.booted_root, volume), STAGING) for volume in volumes)
    if not any(map(os.path.lexists, staged)):
        return
    former = run.pair.turned()
    with private_trees(former, absolute(run.state.trees, b"former")) as trees:
        staging = Staging(trees, former)
        put_back(staging, cut_off.own_moves, new.record.clone)
        staging.remove()


def _refuse_without_room(run: Run, new: TurnedRecord) -> None:
    status = os.statvfs(run.state.directory)
    needed = len(new.record.booted) + len(new.record.clone) + (4 << 20)
    if status.f_bavail * status.f_frsize < needed:
        raise RefusedError(
            f"state_dir has no room for the record ({needed / 1e6:.1f} MB)",
            "make room in state_dir; the roles are as before",
        )
