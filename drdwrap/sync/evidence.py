"""Gather the evidence that `arrival.judge` decides by."""

import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass

from drdwrap.changes.candidate import Candidate
from drdwrap.inventory.beyond_lstat import same_contents
from drdwrap.inventory.entry import Entry, entry_at, nanoseconds
from drdwrap.pair.file_system_limits import kept_time
from drdwrap.pair.private_trees import Trees
from drdwrap.paths.arithmetic import ancestors, parent
from drdwrap.record.intent import Put, is_work_of
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.arrival import Evidence, same_attributes, was_moved
from drdwrap.sync.job import Job


@dataclass(frozen=True)
class Swaps:
    """Directories of the booted system that are not what they were before the copy: `swapped` are
    no directories any more but, say, links; `unsteady` are other directories, or were moved, and
    may have been swapped and put back."""

    swapped: frozenset[bytes]
    unsteady: frozenset[bytes]

    def above(self, path: bytes) -> bool:
        """Whether a swapped directory is above `path`."""
        return not self.swapped.isdisjoint(ancestors(path))

    def maybe_above(self, path: bytes) -> bool:
        """The same for an unsteady one."""
        return not self.unsteady.isdisjoint(ancestors(path))


def swapped_directories(
    directories: Iterable[bytes], before: Mapping[bytes, Entry], trees: Trees
) -> Swaps:
    """Which of these directories of the booted system have been swapped since the scan, which has
    seen them as `before`.

    A directory that is gone altogether was not swapped: what was below it is gone as well, and a
    matter of the next run.
    """
    swapped, unsteady = set(), set()
    for directory in directories:
        try:
            now = entry_at(trees.booted.root, directory)
        except OSError:
            now = None
        if now is None:
            continue
        then = before.get(directory)
        if not now.is_directory:
            swapped.add(directory)
        elif then is None or not _is_the_same(now, then):
            unsteady.add(directory)
    return Swaps(frozenset(swapped), frozenset(unsteady))


def _is_the_same(now: Entry, then: Entry) -> bool:
    return then.is_directory and now.inode == then.inode and not was_moved(now, then)


@dataclass(frozen=True, kw_only=True)
class Gathered(Evidence):
    """What is costly to find out is found out when it is asked for."""

    job: Job

    def has_same_attributes(self) -> bool:
        return same_attributes(self.candidate.path, self.job.trees)

    def may_be_its_work(self, changing: bool) -> bool:
        """A file that was copied has the booted one's time before it has its name. One that changes
        on the booted system meanwhile may have been anything in between; but it was made anew,
        under another inode."""
        clone, before, path = self.clone, self.candidate.clone, self.candidate.path
        assert clone is not None
        root = self.job.trees.clone.root
        if any(is_work_of(put, clone, before, root) for put in self._puts()):
            return True
        if not clone.is_file:
            return changing
        if before is not None and before.inode == clone.inode:
            return False
        if changing:
            return True
        try:  # without its time: not everything could be done to it, which a message tells
            return same_contents(self.job.booted_path(path), self.job.clone_path(path))
        except OSError:
            return False

    def keeps_time(self) -> bool:
        clone, planned = self.clone, self.candidate.booted
        assert clone is not None
        assert planned is not None
        directory = self.job.clone_path(parent(clone.path))
        return kept_time(directory, nanoseconds(planned.mtime)) != nanoseconds(clone.mtime)

    def _puts(self) -> list[Put]:
        """What the run may have put: the path as it was, or as it is."""
        target = b""
        if self.booted is not None and self.booted.type == b"l":
            with suppress(OSError):
                target = os.readlink(self.job.booted_path(self.booted.path))
        entries = (self.candidate.booted, self.booted)
        return [Put(entry, target) for entry in entries if entry is not None]


def gather(
    job: Job,
    candidate: Candidate,
    transcript: Transcript,
    swaps: Swaps,
    made: Entry | None,
) -> Gathered:
    """What there is to know about one path. OSError when it cannot be looked at."""
    path = candidate.path
    below_swapped = swaps.above(path)
    return Gathered(
        job=job,
        candidate=candidate,
        clone=job.on_clone(path),
        booted=None if below_swapped else entry_at(job.trees.booted.root, path),
        made=made,
        message=transcript.message_about(path),
        unexplained=bool(transcript.unexplained),
        cut_off=bool(transcript.cut_off),
        below_swapped=below_swapped,
        below_unsteady=swaps.maybe_above(path),
        left_behind=_is_left_behind(job, candidate),
    )


def _is_left_behind(job: Job, candidate: Candidate) -> bool:
    """Whether all that happened to the clone's file is that it has fewer names: rsync, which was
    cut off, had made those anew and did not reach this one."""
    before = candidate.clone
    if before is None or before.is_directory or before.links == 1:
        return False
    with suppress(OSError):
        now = job.on_clone(candidate.path)
        return now is not None and now.links < before.links and job.is_as_before(now, before)
    return False
