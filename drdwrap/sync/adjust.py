"""Set attributes in place: owner, mode, ACLs and extended attributes of what need not be copied."""

import errno
import os
import stat
from collections.abc import Hashable
from contextlib import suppress

from drdwrap.inventory.beyond_lstat import attributes, digests, same_contents
from drdwrap.linux import run_note
from drdwrap.paths.escaping import for_screen
from drdwrap.sync import guard
from drdwrap.sync.job import Job
from drdwrap.sync.ledger import Ledger, PathState


def adjust_all(job: Job, ledger: Ledger) -> list[bytes]:
    """Set the attributes of all the plan's adjustments, those that still may be set. Returns the
    files among them: their contents are still to be compared."""
    files = []
    number = len(job.plan.adjustments)
    for at, path in enumerate(job.plan.adjustments, 1):
        run_note.note("setting attributes", f"{at:,} of {number:,} files")
        if not guard.leave_out_changed(job, ledger, (path,)):
            continue
        candidate = job.copies[path]
        try:
            if path not in ledger.adjusted:  # under another name of the file
                set_attributes(job.booted_path(path), job.clone_path(path))
                _note_adjusted(job, ledger, path)
        except OSError as error:
            _note(job, ledger, path, error.strerror or "")
            continue
        if candidate.booted is not None and candidate.booted.is_file:
            files.append(path)
        else:
            _note(job, ledger, path)
    return files


def _note_adjusted(job: Job, ledger: Ledger, path: bytes) -> None:
    """Note what the clone has now, under all names of the file that are copied. OSError."""
    links = job.seen.comparison.clone_links
    for name in links.names(path) if links is not None else (path,):
        now = job.on_clone(name) if name in job.copies else None
        if now is not None:
            ledger.note_adjusted(name, now, digests(job.clone_path(name)))


def compare_contents(job: Job, ledger: Ledger, paths: list[bytes]) -> list[bytes]:
    """Compare the contents of these files, whose attributes were set. Returns those that differ."""
    different = []
    alike: dict[Hashable, bool] = {}  # under whatever name, a file is read once
    for at, path in enumerate(paths, 1):
        run_note.note("comparing contents", f"{at:,} of {len(paths):,} files")
        file = _file(job, path)
        try:
            if file not in alike:
                alike[file] = same_contents(job.booted_path(path), job.clone_path(path))
            if alike[file]:
                _note(job, ledger, path)
            else:
                different.append(path)
        except OSError as error:
            _note(job, ledger, path, os.strerror(error.errno or 0))
    return different


def _file(job: Job, path: bytes) -> Hashable:
    """The same for all names of one file on both sides."""
    booted, clone = job.copies[path].booted, job.copies[path].clone
    return job.pair.volume_of(path), booted and booted.inode, clone and clone.inode


def note_unproved(job: Job, ledger: Ledger, paths: list[bytes]) -> None:
    """Note these files, whose attributes were set and whose contents were not compared."""
    for path in paths:
        with suppress(OSError):
            job.note_put(ledger, path, PathState.UNPROVED)


def _note(job: Job, ledger: Ledger, path: bytes, failure: str = "") -> None:
    """Note how the path is now: as the booted one, or not, and why."""
    try:
        now, planned = job.on_clone(path), job.copies[path].booted
        if now is None or planned is None:
            ledger.note(path, PathState.CHANGED, PathState.CHANGED.value)
            return
        if not job.is_steady(path):
            job.note_put(ledger, path, PathState.CHANGING)
            return
        alike = now.visible == planned.visible
        alike = alike and job.has_attributes_of_booted(path, job.clone_path(path))
        if not failure and not alike and job.has_moved(path):
            job.note_put(ledger, path, PathState.CHANGING)  # an attribute was set after this run
        elif failure or not alike:
            odd = "its attributes are not those of the booted system"
            job.note_put(ledger, path, PathState.FAILED, failure or odd)
        else:
            job.note_put(ledger, path, PathState.COPIED)
    except OSError as error:
        ledger.note(path, PathState.FAILED, failure or os.strerror(error.errno or 0))


def set_attributes(booted: bytes, clone: bytes) -> None:
    """Give the clone's file or directory the owner, mode, ACLs and extended attributes that the
    booted one has (absolute paths). OSError.

    In this order nobody gains a right on the way that neither has: chown(2) takes set-id bits and
    capabilities away, the mode comes after the owner, and ACLs and capabilities come last.
    """
    wanted, found = os.lstat(booted), os.lstat(clone)
    if stat.S_IFMT(wanted.st_mode) != stat.S_IFMT(found.st_mode):
        raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), clone)
    if (wanted.st_uid, wanted.st_gid) != (found.st_uid, found.st_gid):
        os.chown(clone, wanted.st_uid, wanted.st_gid, follow_symlinks=False)
    theirs, ours = attributes(booted), attributes(clone)
    for name in ours.keys() - theirs.keys():
        os.removexattr(clone, name, follow_symlinks=False)
    mode = stat.S_IMODE(wanted.st_mode)
    if stat.S_IMODE(os.lstat(clone).st_mode) != mode:
        os.chmod(clone, mode)
    now = attributes(clone)
    for name, value in theirs.items():
        if now.get(name) != value:
            _set_attribute(clone, name, value)
    if stat.S_IMODE(os.lstat(clone).st_mode) != mode:  # an ACL has changed it
        os.chmod(clone, mode)


def _set_attribute(path: bytes, name: str, value: bytes) -> None:
    """setxattr(2). OSError says which attribute."""
    try:
        os.setxattr(path, name, value, follow_symlinks=False)
    except OSError as error:
        reason = f"{for_screen(os.fsencode(name))}: {error.strerror}"
        raise OSError(error.errno, reason, os.fsdecode(path)) from error
