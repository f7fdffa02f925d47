"""The end of every run that writes: the clone on its disk, then the record, then no intent."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

from drdwrap import linux
from drdwrap.opening import Run
from drdwrap.record import durable, store
from drdwrap.record.store import Header
from drdwrap.volumes.pair import absolute


def commit(run: Run, header: Header, booted: Iterable[bytes], clone: Iterable[bytes]) -> None:
    """Make the clone durable, and then the record with these inventories.

    OSError leaves the old record and the open intent: the next run puts it right.
    """
    # The clone's disk is waited for while the record is being written, but before it counts.
    with ThreadPoolExecutor(max_workers=1) as worker:
        synced = worker.submit(_sync_clone, run)
        store.write(run.state.record, header, booted, clone, before=synced.result)
    durable.remove(run.state.intent)


def _sync_clone(run: Run) -> None:
    for volume in run.pair.volumes:
        linux.syncfs(absolute(run.trees.clone.root, volume))
