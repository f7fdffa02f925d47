"""The end of a `reverse`: the new record counts, and what said the opposite goes.

Until then a command that sees both images does this first, so a `reverse` that was cut off here is
completed by whatever comes next.
"""

from drdwrap.linux import durable, syscalls
from drdwrap.pair.pair import Pair
from drdwrap.pair.private_trees import Trees
from drdwrap.record import intent, made_here, marker, own_role, reversal, store
from drdwrap.record.state_directory import StateDirectory
from drdwrap.record.store import Header
from drdwrap.sync import clone_notice
from drdwrap.sync.roles import state_on_other


def finish(state: StateDirectory, pair: Pair, trees: Trees) -> bool:
    """Complete a reversal whose record counts already. Returns whether there was one.

    With a state directory of its own on each image, only the image that became the booted system
    can do it. RecordError, OSError.
    """
    begun = reversal.read(state.reversal)
    header = store.read_header(state.record)
    if begun is None or header is None or not begun.is_done(header):
        return False
    there = state_on_other(state, pair, trees)
    if own_role.is_of(header, pair):
        _tidy(state, there, pair, header)
    elif there is None:
        _tidy(state, None, pair.turned(), header)
    else:
        return False
    return True


def _tidy(state: StateDirectory, there: StateDirectory | None, pair: Pair, header: Header) -> None:
    """`pair` is in the new roles. The marker goes first: without it the old record is refused."""
    marker.remove(pair.booted_root)
    syscalls.syncfs(pair.booted_root)
    made_here.write(state.made_here, header)
    intent.remove(state.intent)  # of a run in the old roles: the record knows what it left
    clone_notice.take_away(state)
    if there is not None:
        durable.remove(there.record)
        intent.remove(there.intent)
        durable.remove(there.reversal)
        clone_notice.leave(there)
    durable.remove(state.reversal)
