"""The end of every run that writes: the clone on its disk, then the record, then no intent."""

from collections.abc import Iterable

from drdwrap import linux
from drdwrap.opening import Run
from drdwrap.record import durable, store
from drdwrap.record.store import Header
from drdwrap.volumes.pair import absolute


def commit(run: Run, header: Header, booted: Iterable[bytes], clone: Iterable[bytes]) -> None:
    """Make the clone durable, and then the record with these inventories.

    OSError leaves the old record and the open intent: the next run puts it right.
    """
    for volume in run.pair.volumes:
        linux.syncfs(absolute(run.trees.clone.root, volume))
    store.write(run.state.record, header, booted, clone)
    durable.remove(run.state.intent)
