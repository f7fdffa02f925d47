"""The end of every run that writes: the clone on its disk, then the record, then no intent."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from drdwrap.linux import run_note, syscalls
from drdwrap.paths.arithmetic import absolute
from drdwrap.record import intent, store
from drdwrap.record.store import Header
from drdwrap.sync.begin import Run

Synced = Callable[[], None]
"""Waits until all that was written to the clone before the call is on its disk. OSError when a
write has failed."""


@contextmanager
def syncing(run: Run) -> Iterator[Synced]:
    """Let the clone go to its disk beside what is done in the context, up to the `commit` in it."""
    with ThreadPoolExecutor(max_workers=1) as worker:
        begun = worker.submit(_sync_clone, run)

        def synced() -> None:
            begun.result()  # the kernel tells of a failed write once: it may have been here
            _sync_clone(run)

        yield synced


def commit(
    run: Run, header: Header, booted: Iterable[bytes], clone: Iterable[bytes], synced: Synced
) -> None:
    """Make the record with these inventories durable, once the clone is.

    OSError leaves the old record and the open intent: the next run puts it right.
    """
    run_note.note("bringing the clone to its disks, and the record")
    store.write(run.state.record, header, booted, clone, before=synced)
    intent.remove(run.state.intent)


def _sync_clone(run: Run) -> None:
    for volume in run.pair.volumes:
        syscalls.syncfs(absolute(run.trees.clone.root, volume))
