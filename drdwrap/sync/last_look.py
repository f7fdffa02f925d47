"""At the end of the copy: what the clone has of everything that was put."""

from contextlib import suppress
from dataclasses import dataclass

from drdwrap.inventory.beyond_lstat import digests
from drdwrap.inventory.entry import Entry
from drdwrap.sync.job import Job, is_alike
from drdwrap.sync.ledger import Ledger, Note


@dataclass(frozen=True)
class Arrived:
    """The notes of what was put, with the entries that the record is to have; and the paths that
    somebody has changed on the clone since they were put."""

    put: dict[bytes, Note]
    overtaken: tuple[bytes, ...]


def look_at_arrivals(job: Job, ledger: Ledger) -> Arrived:
    """Look at everything that was put.

    The record is to say what this run has put. What moves along with others is recorded as it is
    now; whatever else has changed since is a change of the clone's, which the next run finds.
    """
    put, overtaken = {}, []
    for path, note in ledger.copies.items():
        if note.put is None:
            continue
        now = _now(job, path, note)
        put[path] = note if now is None else note._replace(put=now)
        if now is None:
            overtaken.append(path)
    return Arrived(put, tuple(overtaken))


def _now(job: Job, path: bytes, note: Note) -> Entry | None:
    """What the clone has now, if that is what was put; else None."""
    with suppress(OSError):
        now = job.on_clone(path)
        if now is None or note.put is None or not is_alike(now, note.put):
            return None
        if now == note.put or digests(job.clone_path(path)) == note.attributes:
            return now
    return None
