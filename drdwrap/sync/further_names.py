"""The further names of files that rsync copies to the staging directory.

rsync is given one name of each file: if it cannot read a file of which its list has three names, it
ends with "Invalid packet at end of run", and nothing else of the list is copied.
"""

import os
from collections.abc import Iterable, Mapping

from drdwrap.changes.links import File
from drdwrap.rsync.transcript import Transcript
from drdwrap.sync.job import Job
from drdwrap.sync.staging import remove_tree


def further_names(job: Job, paths: Iterable[bytes]) -> dict[bytes, bytes]:
    """Those of `paths` that are further names of a file, each with the name that rsync copies: the
    first that the booted file still has."""
    links = job.seen.comparison.booted_links
    if links is None:
        return {}
    files: dict[File, list[bytes]] = {}
    for path in paths:
        if path in links:
            files.setdefault(links.file(path), []).append(path)
    found: dict[bytes, bytes] = {}
    for names in files.values():
        if len(names) > 1:
            first = next((name for name in names if _is_there(job, name)), names[0])
            found.update((name, first) for name in names if name != first)
    return found


def _is_there(job: Job, name: bytes) -> bool:
    """Whether this still is a name of the booted file."""
    now, planned = job.on_booted(name), job.copies[name].booted
    return now is not None and planned is not None and now.inode == planned.inode


def link_names(job: Job, further: Mapping[bytes, bytes], transcript: Transcript) -> set[bytes]:
    """Make the further names of what rsync has copied. What rsync said of the one name counts for
    all. OSError where even the name that rsync copied cannot be looked at.

    Returns the names of files of which rsync was given a name that they no longer have: they are to
    be copied under another.
    """
    files: dict[bytes, list[bytes]] = {}
    for name, first in further.items():
        files.setdefault(first, []).append(name)
    vanished: set[bytes] = set()
    for first, names in files.items():
        if not _is_there(job, first):  # what lies there may be of another file by now
            vanished.update(names)
            continue
        if job.staging.entry(first) is not None:
            for name in names:
                _link(job, first, name, transcript)
        transcript.note_for_all_names(first, names)
    return vanished


def _link(job: Job, first: bytes, name: bytes, transcript: Transcript) -> None:
    new = job.staging.new(name)
    try:
        remove_tree(new)  # of an rsync that was ended before
        os.link(job.staging.new(first), new, follow_symlinks=False)
    except OSError as error:
        transcript.note_failure(name, os.strerror(error.errno or 0))
